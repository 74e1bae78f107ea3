// The descriptions of models in reach, with the real loaders.
#include <calotype/host/host.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "core/models_folder.h"
#include "models/model_scan.h"

using namespace calotype;
namespace fs = std::filesystem;

namespace {

Host host_of(const ModelsFolder& t) {
  Host::Options options;
  options.model_search_path = ModelSearchPath{{t / "models"}, {}, "", {CALOTYPE_SOURCE "/core/data/model_names.yaml"}};
  return Host(options);
}

std::string error_of(Host& host, const std::string& model) {
  try {
    host.describe(model);
  } catch (const Error& e) {
    return e.what();
  }
  return "fine";
}

/// For the time of a test, a file's bytes and the sums' cache are its own.
struct CacheHome {
  explicit CacheHome(const std::string& folder) { setenv("XDG_CACHE_HOME", folder.c_str(), 1); }
  ~CacheHome() { unsetenv("XDG_CACHE_HOME"); }
};

}  // namespace

TEST_CASE(
    "models: a folder of more than 60 files and folders is listed, each once, and what is refused with its reason") {
  const ModelsFolder t;
  t.fill();
  size_t all = 0;
  for (const auto& entry : fs::recursive_directory_iterator(t / "models"))
    all += fs::is_regular_file(entry.symlink_status()) || fs::is_symlink(entry.symlink_status());
  CHECK(all >= 60);
  Host host = host_of(t);
  std::map<std::string, ListedModel> good, bad;
  for (const auto& m : host.models())
    (m.reason.empty() ? good : bad)[m.reason.empty() ? m.name : m.path.substr((t / "models/").size())] = m;

  CHECK(good.size() == 38);
  for (const auto& [name, m] : good) {
    CAPTURE(name);
    CHECK(m.family == "sdxl");
    CHECK(m.prediction == "epsilon");
    CHECK(m.types.size() > 0);
    CHECK(m.where == t / "models");
    CHECK(host.find_model(name).path == m.path);
  }
  CHECK(good.at("epicella-xl").bytes == fs::file_size(t / "tiny"));
  CHECK(good.at("epicella-xl").layout == "single file");
  CHECK(good.at("SDXL_Base-1.0").layout == "diffusers folder");
  CHECK(good.at("stabilityai/sdxl-turbo").path == t / "models/hub/models--stabilityai--sdxl-turbo/snapshots/aaaa");
  CHECK(good.contains("one_file"));
  CHECK(good.contains("checkpoints/a/twice.safetensors"));
  CHECK(good.contains("checkpoints/both.safetensors"));

  const auto reason = [&](const std::string& path) { return bad.contains(path) ? bad.at(path).reason : "not refused"; };
  CHECK(bad.size() == 11);
  CHECK(reason("broken/gone.safetensors") == "a link to what is not there: /gone/away.safetensors");
  CHECK(reason("broken/itself.safetensors") == "cannot be read: Too many levels of symbolic links");
  CHECK(reason("broken/pipe.safetensors") == "neither a file nor a folder");
  CHECK(reason("hub/models--acme--half") == "holds no snapshot; to fetch it: hf download acme/half");
  CHECK(reason("broken/old.ckpt").starts_with("want safetensors, got the pickle"));
  // in the loader's words
  for (const std::string path : {"broken/zero.safetensors", "broken/page.safetensors", "broken/cut.safetensors",
                                 "broken/lora.safetensors", "diffusers/no-encoder", "diffusers/no-unet"}) {
    CAPTURE(path);
    const std::string whole = error_of(host, t / ("models/" + path));
    CHECK(whole != "fine");
    CHECK(whole.ends_with(reason(path)));
  }
  CHECK(reason("broken/lora.safetensors").find("a LoRA, which changes a model") != std::string::npos);
}

TEST_CASE("models: a file is listed under its own name, whatever links to it come first") {
  const ModelsFolder t;
  t.model("models/later/own.safetensors");
  t.folder("models/later/folder");
  t.link("models/checkpoints/a_link.safetensors", "../later/own.safetensors");
  t.link("models/checkpoints/b_link", "../later/folder");
  const auto models = host_of(t).models();
  REQUIRE(models.size() == 2);
  CHECK(models[0].path == t / "models/later/folder");
  CHECK(models[1].path == t / "models/later/own.safetensors");
}

TEST_CASE("models: a folder that cannot be read is refused, and the rest is found") {
  const ModelsFolder t;
  t.model("models/checkpoints/m.safetensors");
  t.model("models/closed/hidden.safetensors");
  fs::permissions(t / "models/closed", fs::perms::none);
  fs::permissions(t / "", fs::perms::all);
  const uid_t user = geteuid();
  const ModelMarks marks(Host().catalog());     // as this user: the other may not be let in where the sources are
  if (user == 0) REQUIRE(seteuid(65534) == 0);  // root reads everything
  const ModelScan scan = scan_models({{t / "models"}, {}, "", {}}, marks);
  if (user == 0) REQUIRE(seteuid(0) == 0);
  fs::permissions(t / "models/closed", fs::perms::owner_all);
  REQUIRE(scan.found.size() == 1);
  CHECK(scan.found[0].path == t / "models/checkpoints/m.safetensors");
  REQUIRE(scan.skipped.size() == 1);
  CHECK(scan.skipped[0].path == t / "models/closed");
  CHECK(scan.skipped[0].reason == "cannot be read: Permission denied");
}

TEST_CASE("models: a ComfyUI file that is wrong, and a folder that is not there, are listed as refused") {
  const ModelsFolder t;
  t.write("x.yaml", "a: b");
  Host::Options options;
  options.model_search_path = ModelSearchPath{{t / "none"}, {t / "x.yaml", t / "gone.yaml"}, t / "no_hub", {}};
  const auto models = Host(options).models();
  REQUIRE(models.size() == 3);
  CHECK(models[0].path == t / "gone.yaml");
  CHECK(models[0].reason == "no such file");
  CHECK(models[1].path == t / "none");
  CHECK(models[1].reason == "no such folder");
  CHECK(models[2].path == t / "x.yaml");
  CHECK(models[2].reason == t / "x.yaml" + ":1:4: a: want a map with base_path and folders, got \"b\"");
}

TEST_CASE("models: a whole model has all components, the bytes of its files, and nothing missing") {
  const ModelsFolder t;
  t.fill();
  Host host = host_of(t);
  const ModelInfo file = host.describe_parts("epicella-xl"), folder = host.describe_parts("sdxl-base-1.0");
  CHECK(file.file_bytes == fs::file_size(t / "tiny"));
  uint64_t sum = 0;
  for (const auto& f : fs::recursive_directory_iterator(CALOTYPE_TEST_DATA "/tiny_sdxl/diffusers"))
    if (f.is_regular_file()) sum += f.file_size();
  CHECK(folder.file_bytes == sum);
  CHECK(host.find_model("sdxl-base-1.0").bytes == sum);
  CHECK(folder.parts.size() == 4);
  CHECK(folder.missing.empty());
  CHECK(file.parameters() == folder.parameters());
}

TEST_CASE("models: an incomplete folder is described by what is there and what is missing") {
  const ModelsFolder t;
  t.fill();
  Host host = host_of(t);
  const ModelInfo whole = host.describe("sdxl-base-1.0"), info = host.describe_parts("no-encoder");
  CHECK(info.missing == std::vector<std::string>{"text_encoder_2"});
  CHECK(info.layout == "diffusers folder");
  REQUIRE(info.parts.size() == 3);
  for (const auto& component : info.parts) {
    const auto same = std::find_if(whole.parts.begin(), whole.parts.end(),
                                   [&](const ModelPart& p) { return p.name == component.name; });
    REQUIRE(same != whole.parts.end());
    CHECK(component.parameters == same->parameters);
    CHECK(component.bytes == same->bytes);
    CHECK(component.dtype == same->dtype);
  }
  CHECK(host.describe_parts("no-unet").missing == std::vector<std::string>{"unet"});
  CHECK_THROWS_AS(host.describe_parts(t / "models/broken/lora.safetensors"), Error);
  CHECK_THROWS_AS(host.describe_parts(t / "models/broken/cut.safetensors"), Error);
}

TEST_CASE("models: of a folder that has little more than its index every missing file is listed") {
  const ModelsFolder t;
  const fs::path whole = CALOTYPE_TEST_DATA "/tiny_sdxl/diffusers";
  for (const char* component :
       {"unet", "vae", "text_encoder", "text_encoder_2", "scheduler", "tokenizer", "tokenizer_2"})
    fs::create_directories(t / ("m/" + std::string(component)));
  fs::copy_file(whole / "model_index.json", t / "m/model_index.json");
  fs::copy_file(whole / "unet/config.json", t / "m/unet/config.json");
  const ModelInfo info = Host().describe_parts(t / "m");
  CHECK(info.parts.empty());
  CHECK(info.layout == "diffusers folder");
  CHECK(info.missing == std::vector<std::string>{"scheduler/scheduler_config.json", "text_encoder/config.json",
                                                 "text_encoder/*.safetensors", "text_encoder_2/config.json",
                                                 "text_encoder_2/*.safetensors", "unet/*.safetensors",
                                                 "vae/config.json", "vae/*.safetensors"});
  t.write("m/unet/diffusion_pytorch_model.bin", "x");
  CHECK_THROWS_AS(Host().describe_parts(t / "m"), Error);  // the loader's own words: how to convert it
}

TEST_CASE("models: of an incomplete folder of shards the missing shards are listed") {
  const ModelsFolder t;
  t.folder("m", "unet");
  t.write("m/unet/config.json", "{}");
  t.header("m/unet/diffusion_pytorch_model-00001-of-00002.safetensors",
           R"({"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]}})");
  t.write("m/unet/diffusion_pytorch_model.safetensors.index.json",
          R"({"weight_map": {"a": "diffusion_pytorch_model-00001-of-00002.safetensors",
                         "b": "diffusion_pytorch_model-00002-of-00002.safetensors"}})");
  const ModelInfo info = Host().describe_parts(t / "m");
  CHECK(info.missing == std::vector<std::string>{"unet/diffusion_pytorch_model-00002-of-00002.safetensors"});
  const auto unet =
      std::find_if(info.parts.begin(), info.parts.end(), [](const ModelPart& p) { return p.name == "unet"; });
  REQUIRE(unet != info.parts.end());
  CHECK(unet->parameters == 6);
  CHECK(unet->dtype == "F16");
}

TEST_CASE("models: sums are SHA-256, kept until the file changes") {
  const ModelsFolder t;
  const CacheHome cache(t / "cache");
  t.write("m/b.txt", "abc");
  t.write("m/a/c.txt", "");
  const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";  // FIPS 180-2, B.1
  CHECK(sha256_of(t / "m/b.txt") == abc);
  // (cd m && find . -type f | LC_ALL=C sort | xargs sha256sum | sha256sum)
  CHECK(sha256_of(t / "m") == "4451a970962656ee05761d1379963c9fe9bee0b87f9c3b8245cc646f8fe187c0");
  const auto time = fs::last_write_time(t / "m/b.txt");
  t.write("m/b.txt", "xyz");
  fs::last_write_time(t / "m/b.txt", time);
  CHECK(sha256_of(t / "m/b.txt") != abc);  // the time of its data was put back, and that of its change cannot be
  CHECK(sha256_of(t / "m/b.txt") == "3608bca1e44ea6c4d268eb6db02260269892c0b42b86bbf1e77a6fa16c3c9282");
  t.write("cache/calotype/sha256.json", "{ not JSON");
  CHECK(sha256_of(t / "m/b.txt") == "3608bca1e44ea6c4d268eb6db02260269892c0b42b86bbf1e77a6fa16c3c9282");
  CHECK_THROWS_WITH_AS(sha256_of(t / "none"), (t / "none" + ": cannot be read: No such file or directory").c_str(),
                       Error);
}
