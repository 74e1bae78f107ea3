// The host as an embedder uses it, on the tiny model with random weights.
#include <calotype/host/host.h>
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

using namespace calotype;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("calotype_host_" + std::to_string(getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

std::string tiny(const std::string& more = "") {
  return "model: " CALOTYPE_TEST_DATA
         "/tiny_sdxl/single_file.safetensors\n"
         "device: cpu\ndtype: float32\nprompt: a red cat\nwidth: 64\nheight: 64\nsteps: 3\nseed: 7\n" +
         more;
}

ResolvedConfig resolved(const Host& host, const std::vector<std::string>& overrides = {}) {
  return host.resolve(Config::from_text(tiny(), "tiny", overrides));
}

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

RunOptions in_memory() {
  RunOptions options;
  options.write_files = false;
  return options;
}

template <class Body>
ErrorCode error_code(Body&& body) {
  try {
    body();
  } catch (const Error& e) {
    return e.code();
  }
  return ErrorCode::internal;
}

}  // namespace

TEST_CASE("host: image k of many has the bytes of a run of it alone, noise within the steps included") {
  Host host;
  const Folder folder;
  const std::string path = "output.path=" + folder.path.string();
  host.run(resolved(host, {"sampler=euler_ancestral", "images=3", path + "/many-{seed}.png"}));
  host.run(resolved(host, {"sampler=euler_ancestral", "seed=9", path + "/alone.png"}));
  const std::string alone = bytes_of(folder.path / "alone.png");
  CHECK(alone.size() > 100);
  CHECK(bytes_of(folder.path / "many-9.png") == alone);
  CHECK(bytes_of(folder.path / "many-8.png") != alone);
}

TEST_CASE("host: noise is the config's, else the sampler's, and the record has its kind") {
  Host host;
  const auto image = [&](const std::string& sampler, const std::vector<std::string>& more) {
    std::vector<std::string> overrides{"sampler=" + sampler};
    overrides.insert(overrides.end(), more.begin(), more.end());
    const Result result = host.run(resolved(host, overrides), in_memory());
    return std::pair(result.pictures[0].image.rgb, result.pictures[0].record);
  };
  const auto says = [](const auto& image, const std::string& kind) {
    return image.second.find("\"noise\":\"" + kind + "\"") != std::string::npos;
  };
  const auto usual = image("dpmpp_2m_sde", {}), brownian = image("dpmpp_2m_sde", {"noise=brownian"}),
             torch = image("dpmpp_2m_sde", {"noise=torch"});
  CHECK(says(usual, "brownian"));
  CHECK(usual.first == brownian.first);
  CHECK(usual.first != torch.first);
  const auto euler = image("euler", {}), philox = image("euler", {"noise=philox"});
  CHECK(says(euler, "torch"));
  CHECK(says(philox, "philox"));
  CHECK(euler.first != philox.first);
  CHECK(image("euler", {"noise=brownian"}).first == euler.first);  // it adds none
  // a record from before there was a choice
  std::string old = torch.second;
  const std::string member = ",\"noise\":\"torch\"";
  REQUIRE(old.find(member) != std::string::npos);
  old.erase(old.find(member), member.size());
  CHECK(host.run(host.resolve(Config::from_json(old, "old")), in_memory()).pictures[0].image.rgb == torch.first);
}

TEST_CASE("host: a sampler that guides by itself gets denoised and unconditional, without guidance too") {
  Host host;
  const auto image = [&](const std::vector<std::string>& overrides) {
    return host.run(resolved(host, overrides), in_memory()).pictures[0].image.rgb;
  };
  const auto difference = [](const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
    int most = 0;
    for (size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(int(a[i]) - int(b[i])));
    return most;
  };
  // where both prompts are one there is nothing to guide away from: then it is Euler
  const std::string same = "negative_prompt=a red cat";
  const auto euler = image({"sampler=euler", "guidance_scale=1"});
  CHECK(difference(image({"sampler=euler_cfg_pp", same, "guidance_scale=1"}), euler) <= 1);
  CHECK(image({"sampler=euler_cfg_pp", "negative_prompt=blue", "guidance_scale=1"}) != euler);
  CHECK(image({"sampler=euler_cfg_pp", "batch=2", "images=2"}) == image({"sampler=euler_cfg_pp"}));
}

TEST_CASE("host: the same run twice gives the same bytes") {
  Host host;
  const Folder folder;
  const auto config = resolved(host, {"output.path=" + (folder.path / "a.png").string(), "output.exists=overwrite"});
  host.run(config);
  const std::string first = bytes_of(folder.path / "a.png");
  host.unload();
  host.run(config);
  CHECK(bytes_of(folder.path / "a.png") == first);
}

TEST_CASE("host: the record of an image generates it again") {
  Host host;
  const Result first =
      host.run(resolved(host, {"scheduler={id: karras, rho: 5}", "guidance_rescale=0.5"}), in_memory());
  const Result second = host.run(host.resolve(Config::from_json(first.pictures[0].record, "a.png")), in_memory());
  CHECK(second.pictures[0].image.rgb == first.pictures[0].image.rgb);
  CHECK(second.pictures[0].record == first.pictures[0].record);
}

TEST_CASE("host: a second run with the same model reads nothing") {
  Host host;
  const auto config = resolved(host);
  CHECK(host.run(config, in_memory()).statistics.models_loaded == 1);
  CHECK(host.run(config, in_memory()).statistics.models_loaded == 0);
  host.unload();
  CHECK(host.run(config, in_memory()).statistics.models_loaded == 1);
}

TEST_CASE("host: statistics count the model evaluations and the memory") {
  Host host;
  const Result result = host.run(resolved(host, {"sampler=heun", "images=2"}), in_memory());
  CHECK(result.statistics.model_evaluations == 2 * (2 * 3 - 1));
  CHECK(result.statistics.process_peak_bytes > 50u << 20);
  CHECK(result.statistics.device_peak_bytes == 0);
  CHECK(result.device == "cpu");
  CHECK(result.dtype == "float32");
}

TEST_CASE("host: progress names each phase in order and counts the calls") {
  Host host;
  std::vector<Phase> phases;
  std::vector<int> calls;
  RunOptions options = in_memory();
  options.progress = [&](const Progress& p) {
    if (phases.empty() || phases.back() != p.phase) phases.push_back(p.phase);
    if (p.phase != Phase::sample) return;
    calls.push_back(p.call);
    CHECK(p.calls == 3);
  };
  host.run(resolved(host), options);
  CHECK(phases == std::vector{Phase::load, Phase::encode, Phase::sample, Phase::decode, Phase::write});
  CHECK(calls == std::vector{0, 1, 2, 3});
}

TEST_CASE("host: a run that is stopped ends at the next model evaluation and writes nothing") {
  Host host;
  const Folder folder;
  std::stop_source stop;
  RunOptions options;
  options.stop = stop.get_token();
  options.progress = [&](const Progress& p) {
    if (p.call == 1) stop.request_stop();
  };
  try {
    host.run(resolved(host, {"output.path=" + (folder.path / "a.png").string()}), options);
    FAIL("was not stopped");
  } catch (const Error& e) {
    CHECK(e.code() == ErrorCode::cancelled);
    CHECK(std::string(e.what()) == "cancelled");
  }
  CHECK(fs::is_empty(folder.path));
  CHECK_NOTHROW(host.run(resolved(host), in_memory()));
}

TEST_CASE("host: an output that cannot be written is an error before the model is read") {
  Host host;
  const Folder folder;
  std::ofstream(folder.path / "file") << "";
  RunOptions options;
  bool loaded = false;
  options.progress = [&](const Progress&) { loaded = true; };
  const std::string path = (folder.path / "file" / "a.png").string();
  CHECK_THROWS_WITH(host.run(resolved(host, {"output.path=" + path}), options),
                    (path + ": cannot be written: " + (folder.path / "file").string() + " is not a folder").c_str());
  CHECK_FALSE(loaded);
}

TEST_CASE("host: the plan has what a run will do and reads no weight") {
  Host host;
  const Plan plan = host.plan(resolved(host, {"sampler=heun", "scheduler=euler", "steps=4"}));
  CHECK(plan.sigmas.size() == 5);
  CHECK(plan.timesteps.size() == 4);
  CHECK(plan.timesteps[0] == doctest::Approx(999));
  CHECK(plan.model_evaluations == 7);
  CHECK(plan.model.family == "sdxl");
  CHECK(plan.model.parameters() > 1'000'000);
}

TEST_CASE("host: a plan runs as often as asked, each time what its config generates") {
  Host host;
  const Plan plan = host.plan(resolved(host, {"images=2"}));
  const Result first = host.run(plan, in_memory()), second = host.run(plan, in_memory());
  host.unload();
  const Result third = host.run(plan, in_memory()), whole = host.run(resolved(host, {"images=2"}), in_memory());
  REQUIRE(whole.pictures.size() == 2);
  for (const Result* generated : {&first, &second, &third})
    for (size_t k = 0; k < 2; ++k) {
      CHECK(generated->pictures.at(k).image.rgb == whole.pictures[k].image.rgb);
      CHECK(generated->pictures.at(k).record == whole.pictures[k].record);
    }
}

TEST_CASE("host: a plan that another host made, or nobody, is refused") {
  Host host, other;
  const Plan plan = host.plan(resolved(host));
  const char* const text = "plan: want one that plan() of this host gave, got another";
  CHECK_THROWS_WITH(other.run(plan, in_memory()), text);
  CHECK_THROWS_WITH(host.run(Plan(), in_memory()), text);
  CHECK(error_code([&] { other.run(plan, in_memory()); }) == ErrorCode::usage);
}

TEST_CASE("host: a plan whose config has other values by now is refused, but for where it is written") {
  Host host;
  const Folder folder;
  Plan plan = host.plan(resolved(host));
  plan.outputs = {(folder.path / "b.png").string()};
  plan.config.exists = IfExists::overwrite;
  CHECK(host.run(plan).pictures.at(0).path == plan.outputs[0]);
  plan.config.request.steps = 4;
  CHECK_THROWS_WITH(host.run(plan, in_memory()),
                    "plan: want the config that was planned, got one that was changed since; plan that one");
  CHECK(error_code([&] { host.run(plan, in_memory()); }) == ErrorCode::usage);
}

TEST_CASE("host: a plan whose model was changed since is refused, and a new one runs") {
  Host host;
  const Folder folder;
  const std::string model = (folder.path / "m.safetensors").string();
  fs::copy_file(CALOTYPE_TEST_DATA "/tiny_sdxl/single_file.safetensors", model);
  const ResolvedConfig config = resolved(host, {"model=" + model});
  const Plan plan = host.plan(config);
  fs::last_write_time(model, fs::last_write_time(model) + std::chrono::seconds(1));
  CHECK_THROWS_WITH(host.run(plan, in_memory()),
                    (model + ": was changed since the run was planned; plan it again").c_str());
  CHECK(error_code([&] { host.run(plan, in_memory()); }) == ErrorCode::io);
  CHECK(host.run(host.plan(config), in_memory()).pictures.size() == 1);
}

TEST_CASE("host: a width that the autoencoder cannot decode is an error") {
  Host host;
  CHECK_THROWS_WITH(host.resolve(Config::from_text(tiny(), "tiny", {"width=100"})),
                    "--set width=100: width: want a multiple of 8 from 8 to 16384, got \"100\"");
}

TEST_CASE("host: a GPU that is not there is an error that names it") {
  if (access("/dev/nvidiactl", F_OK) == 0) return;
  Host host;
  CHECK_THROWS_WITH(host.plan(resolved(host, {"device=cuda"})),
                    "tiny: device cuda: no NVIDIA GPU or driver here; want device: cpu or auto");
}
