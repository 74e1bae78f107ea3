#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <set>

#include "networks/files/safetensors.h"
#include "samplers/exact_denoisers.h"

using namespace tier1;

namespace {

const Library& library() {
  static const Library loaded("samplers");
  return loaded;
}

std::function<Values(double, double)> unit_noise(size_t size, uint64_t seed = 1) {
  return [size, random = std::mt19937_64(seed)](double, double) mutable {
    std::normal_distribution<double> normal;
    Values v(size);
    for (double& x : v) x = normal(random);
    return v;
  };
}

/// Element `index` of a golden tensor of [.., 64] doubles.
Values golden(const std::string& name, size_t index = 0) {
  static const calotype::networks::SafetensorsFile file(CALOTYPE_TEST_DATA "/goldens/samplers.safetensors");
  const auto data = file.tensors().at(name).data;
  Values v(64);
  REQUIRE(data.size() >= (index + 1) * 64 * sizeof(double));
  std::memcpy(v.data(), data.data() + index * 64 * sizeof(double), 64 * sizeof(double));
  return v;
}

/// All runs of k-diffusion with `sampler`, by the entry `id`: same image, same model evaluations, same noise in the
/// same order. `asked_again`: model evaluations of theirs for what it got before.
void check_goldens(const std::string& id, const std::string& sampler, int wanted_runs, double tolerance = 1e-9,
                   int asked_again = 0) {
  static const json runs = json::parse(read_file(CALOTYPE_TEST_DATA "/goldens/samplers.json"));
  int compared = 0;
  for (const json& run : runs) {
    if (run["sampler"] != sampler) continue;
    const std::string key = run["key"];
    CAPTURE(key);
    const std::vector<double> sigmas = run["sigmas"];
    Values x = golden("noise");
    for (double& v : x) v *= sigmas[0];
    VectorHost host;
    host.denoiser = mixture;
    host.noise = [&](double, double) { return golden(key + ".drawn", host.noises - 1); };
    CHECK(difference(host.sample(library(), id, sigmas, x, run["options"]), golden(key + ".y")) <= tolerance);
    CHECK(host.model_evaluations + asked_again == run["model_calls"]);
    CHECK(host.noises == run["noises"]);
    ++compared;
  }
  CHECK(compared == wanted_runs);
}

}  // namespace

TEST_CASE("samplers: the library offers exactly these") {
  std::set<std::string> ids;
  for (const auto& [id, entry] : library().entries) ids.insert(id);
  CHECK(ids == std::set<std::string>{"ddim",
                                     "ddim@a1111",
                                     "ddim_cfg_pp",
                                     "ddpm",
                                     "deis",
                                     "deis@diffusers",
                                     "dpm_2",
                                     "dpm_2_ancestral",
                                     "dpm_adaptive",
                                     "dpm_fast",
                                     "dpmpp_2m",
                                     "dpmpp_2m_cfg_pp",
                                     "dpmpp_2m_sde",
                                     "dpmpp_2m_sde_gpu",
                                     "dpmpp_2m_sde_heun",
                                     "dpmpp_2m_sde_heun_gpu",
                                     "dpmpp_2m_v2",
                                     "dpmpp_2s_ancestral",
                                     "dpmpp_2s_ancestral_cfg_pp",
                                     "dpmpp_3m",
                                     "dpmpp_3m_sde",
                                     "dpmpp_3m_sde@diffusers",
                                     "dpmpp_3m_sde_gpu",
                                     "dpmpp_sde",
                                     "dpmpp_sde_gpu",
                                     "dpmpp_singlestep",
                                     "er_sde",
                                     "euler",
                                     "euler_ancestral",
                                     "euler_ancestral_cfg_pp",
                                     "euler_cfg_pp",
                                     "exp_heun_2_x0",
                                     "exp_heun_2_x0_sde",
                                     "gradient_estimation",
                                     "gradient_estimation_cfg_pp",
                                     "heun",
                                     "heunpp2",
                                     "ipndm",
                                     "ipndm@forge",
                                     "ipndm_v",
                                     "ipndm_v@forge",
                                     "ipndm_v@stable-diffusion.cpp",
                                     "lcm",
                                     "lcm@a1111",
                                     "lcm@diffusers",
                                     "lms",
                                     "lms@diffusers",
                                     "lms@stable-diffusion.cpp",
                                     "plms",
                                     "plms@a1111",
                                     "res_2s",
                                     "res_multistep",
                                     "res_multistep_ancestral",
                                     "res_multistep_ancestral_cfg_pp",
                                     "res_multistep_cfg_pp",
                                     "restart",
                                     "sa_solver",
                                     "sa_solver@diffusers",
                                     "sa_solver_pece",
                                     "seeds_2",
                                     "seeds_3",
                                     "tcd",
                                     "tcd@diffusers",
                                     "uni_pc",
                                     "uni_pc@a1111",
                                     "uni_pc@diffusers",
                                     "uni_pc_bh2"});
}
TEST_CASE("samplers: docs/names.md has a line for each and names only existing ones") {
  const std::string page = read_file(CALOTYPE_SOURCE "/docs/names.md");
  for (const auto& [id, manifest] : library().manifests) {
    CAPTURE(id);
    const bool is_there = page.find("`sampler: " + id + "`") != std::string::npos ||
                          page.find("`sampler: {id: " + id + ",") != std::string::npos;
    CHECK(is_there);
  }
  for (const std::string start : {"`sampler: ", "`sampler: {id: "})
    for (size_t at = 0; (at = page.find(start, at)) != page.npos;) {
      at += start.size();
      const std::string name = page.substr(at, page.find_first_of("`,}", at) - at);
      if (name.starts_with("{id:")) continue;
      CAPTURE(name);
      CHECK(std::any_of(library().manifests.begin(), library().manifests.end(), [&](const auto& entry) {
        const auto aliases = entry.second.value("aliases", json::array());
        return entry.first == name || std::find(aliases.begin(), aliases.end(), name) != aliases.end();
      }));
    }
}

TEST_CASE("samplers: each is paired with an existing scheduler") {
  const auto schedulers = read_manifests(CALOTYPE_BUILD "/lib/calotype/plugins/schedulers.so");
  std::set<std::string> names;
  for (const auto& [id, manifest] : schedulers) {
    names.insert(id);
    for (const auto& alias : manifest.value("aliases", json::array())) names.insert(alias);
  }
  for (const auto& [id, manifest] : library().manifests) CHECK_MESSAGE(names.count(manifest["pairs_with"]) == 1, id);
}
TEST_CASE("samplers: dpmpp_2m and dpmpp_2m_sde_gpu are the recommended ones") {
  std::set<std::string> ids;
  for (const auto& [id, manifest] : library().manifests)
    if (manifest.value("recommended", false)) ids.insert(id);
  CHECK(ids == std::set<std::string>{"dpmpp_2m", "dpmpp_2m_sde_gpu"});
}

TEST_CASE("euler: k-diffusion's numbers, with and without churn") {
  check_goldens("euler", "euler", 8);
}
TEST_CASE("heun: k-diffusion's numbers") {
  check_goldens("heun", "heun", 4);
}
TEST_CASE("dpm_2: k-diffusion's numbers") {
  check_goldens("dpm_2", "dpm_2", 4);
}
TEST_CASE("dpm_fast, dpm_adaptive: k-diffusion's numbers, which compute the own steps in float32") {
  check_goldens("dpm_fast", "dpm_fast", 4, 1e-5);
  check_goldens("dpm_adaptive", "dpm_adaptive", 4, 1e-5, /*asked_again=*/2);
}
TEST_CASE("lms@diffusers: k-diffusion's numbers") {
  check_goldens("lms@diffusers", "lms", 4);
}
TEST_CASE("dpmpp_2m: k-diffusion's numbers") {
  check_goldens("dpmpp_2m", "dpmpp_2m", 4);
}
TEST_CASE("euler_cfg_pp: steps to denoised with the noise of the unconditional prediction") {
  VectorHost host;
  host.denoiser = [](double x, double sigma) { return 0.3 * x / (1 + sigma); };
  host.unconditional = [](double x, double sigma) { return 0.2 * x / (1 + sigma) + 0.1; };
  const std::vector<double> sigmas{10, 4, 1, 0};
  double x = 7;
  for (size_t i = 0; i + 1 < sigmas.size(); ++i)
    x = host.denoiser(x, sigmas[i]) + sigmas[i + 1] * (x - host.unconditional(x, sigmas[i])) / sigmas[i];
  CHECK(host.sample(library(), "euler_cfg_pp", sigmas, {7})[0] == doctest::Approx(x).epsilon(1e-12));
  CHECK(host.model_evaluations == 3);
  CHECK(host.live == 0);
}

TEST_CASE("euler_ancestral: k-diffusion's numbers") {
  check_goldens("euler_ancestral", "euler_ancestral", 8);
}
TEST_CASE("dpm_2_ancestral: k-diffusion's numbers") {
  check_goldens("dpm_2_ancestral", "dpm_2_ancestral", 4);
}
TEST_CASE("dpmpp_2s_ancestral: k-diffusion's numbers") {
  check_goldens("dpmpp_2s_ancestral", "dpmpp_2s_ancestral", 4);
}
TEST_CASE("dpmpp_sde: k-diffusion's numbers") {
  check_goldens("dpmpp_sde", "dpmpp_sde", 4);
}
TEST_CASE("dpmpp_2m_sde: k-diffusion's numbers, midpoint and heun") {
  check_goldens("dpmpp_2m_sde", "dpmpp_2m_sde", 8);
}
TEST_CASE("dpmpp_3m_sde: k-diffusion's numbers, with and without noise") {
  check_goldens("dpmpp_3m_sde", "dpmpp_3m_sde", 8);
}
TEST_CASE("dpmpp_sde_gpu: the solver of dpmpp_sde") {
  check_goldens("dpmpp_sde_gpu", "dpmpp_sde", 4);
}
TEST_CASE("dpmpp_2m_sde_gpu: the solver of dpmpp_2m_sde") {
  check_goldens("dpmpp_2m_sde_gpu", "dpmpp_2m_sde", 8);
}
TEST_CASE("dpmpp_3m_sde_gpu: the solver of dpmpp_3m_sde") {
  check_goldens("dpmpp_3m_sde_gpu", "dpmpp_3m_sde", 8);
}

TEST_CASE("samplers of order 1: half the step, half the error") {
  CHECK(order_of(library(), "euler") == doctest::Approx(1).epsilon(0.05));
  CHECK(order_of(library(), "lms", {{"order", 1}}) == doctest::Approx(1).epsilon(0.05));
  CHECK(order_of(library(), "euler_ancestral", {{"eta", 0}}) == doctest::Approx(1).epsilon(0.05));
}
TEST_CASE("samplers of order 2: half the step, a quarter of the error") {
  for (const char* id : {"heun", "dpm_2", "dpmpp_2m"}) {
    CAPTURE(id);
    CHECK(order_of(library(), id) == doctest::Approx(2).epsilon(0.05));
  }
  for (const char* id : {"uni_pc", "uni_pc_bh2", "uni_pc@diffusers"}) {
    CAPTURE(id);
    CHECK(order_of(library(), id, {{"order", 1}}) == doctest::Approx(2).epsilon(0.05));
    CHECK(order_of(library(), id, {{"order", 2}}) == doctest::Approx(3).epsilon(0.05));
  }
}
TEST_CASE("samplers with noise switched off: half the step, a quarter of the error") {
  for (const char* id : {"dpm_2_ancestral", "dpmpp_2s_ancestral", "dpmpp_sde", "dpmpp_2m_sde"}) {
    CAPTURE(id);
    CHECK(order_of(library(), id, {{"eta", 0}}) == doctest::Approx(2).epsilon(0.05));
  }
}
TEST_CASE("lms: order 1 is euler") {
  VectorHost host;
  host.denoiser = mixture;
  const auto sigmas = exponential(10, 14.6, 0.03);
  CHECK(difference(host.sample(library(), "lms", sigmas, {9}, {{"order", 1}}),
                   host.sample(library(), "euler", sigmas, {9})) <= 1e-12);
}

TEST_CASE("samplers: one step gives denoised, with one model evaluation and no noise") {
  for (const auto& [id, entry] : library().entries) {
    if (id.ends_with("@a1111") || id == "ddim_cfg_pp" || id == "lcm@diffusers" || id == "tcd@diffusers")
      continue;  // end elsewhere
    CAPTURE(id);
    VectorHost host;
    host.denoiser = gaussian;
    CHECK(host.sample(library(), id, {10, 0}, {7})[0] == doctest::Approx(gaussian(7, 10)).epsilon(1e-12));
    CHECK(host.model_evaluations == 1);
  }
}
TEST_CASE(
    "samplers: make at most one linear combination for each model evaluation, and one more for past slopes, a "
    "corrector or an error") {
  const std::set<std::string> of_two = {"deis", "dpm_adaptive", "gradient_estimation", "ipndm", "lms", "plms", "uni"};
  for (const auto& [id, entry] : library().entries) {
    CAPTURE(id);
    VectorHost host;
    host.denoiser = gaussian;
    host.noise = unit_noise(1);
    host.sample(library(), id, exponential(20, 14, 0.03), {7});
    const std::string family = id.substr(0, id.find_first_of("_@"));
    const bool is_of_two = of_two.count(id) || of_two.count(family) || id.starts_with("sa_solver");
    CHECK(host.combines <= host.model_evaluations * (is_of_two ? 2 : 1));
  }
}
TEST_CASE("samplers: eta 0 adds no noise") {
  for (const auto& [id, manifest] : library().manifests) {
    if (manifest.dump().find("\"eta\"") == std::string::npos) continue;
    CAPTURE(id);
    VectorHost host;  // fails where noise is asked for
    host.denoiser = gaussian;
    host.sample(library(), id, exponential(5, 14, 0.03), {7}, {{"eta", 0}});
    CHECK(host.status == CALOTYPE_OK);
  }
}
TEST_CASE("samplers: when a host call stops them they end at once and release all latents") {
  for (const auto& [id, entry] : library().entries)
    for (const int call : {0, 1, 4}) {
      CAPTURE(id);
      VectorHost host;
      host.denoiser = gaussian;
      host.noise = unit_noise(1);
      host.stop_after = call;
      host.sample(library(), id, exponential(6, 14, 0.03), {7});
      CHECK(host.status == CALOTYPE_STOPPED);
      CHECK(host.model_evaluations == call);
      CHECK(host.live == 0);
    }
}
TEST_CASE("samplers: a finished pass releases all latents") {
  for (const auto& [id, entry] : library().entries) {
    CAPTURE(id);
    VectorHost host;
    host.denoiser = gaussian;
    host.noise = unit_noise(1);
    host.sample(library(), id, exponential(6, 14, 0.03), {7});
    CHECK(host.live == 0);
  }
}

TEST_CASE("churn: raises the sigma before the model evaluation, at most by the square root of 2") {
  VectorHost host;
  host.denoiser = gaussian;
  host.noise = unit_noise(1);
  host.sample(library(), "euler", {10, 5, 1, 0}, {7}, {{"s_churn", 100}});
  CHECK(host.denoised_at[1] == doctest::Approx(5 * std::sqrt(2)));
}
TEST_CASE("churn: outside s_tmin and s_tmax noise is sampled and not used, as in k-diffusion") {
  VectorHost host;
  host.denoiser = gaussian;
  host.noise = unit_noise(1);
  host.sample(library(), "heun", {10, 5, 1, 0}, {7}, {{"s_churn", 1}, {"s_tmin", 2}, {"s_tmax", 6}});
  CHECK(host.denoised_at == std::vector<double>{10, 5, 5 * (1 + 1 / 3.0), 1, 1});
  CHECK(host.noises == 3);
}
TEST_CASE("ancestral samplers: a step ends at the next sigma even if a large eta takes it down to 0") {
  for (const char* id : {"euler_ancestral", "dpm_2_ancestral", "dpmpp_2s_ancestral"}) {
    CAPTURE(id);
    VectorHost host;
    host.denoiser = [](double, double) { return 0; };
    host.noise = [](double, double) { return Values{1}; };
    double seen = 0;
    host.denoiser = [&](double x, double sigma) { return sigma == 2 ? seen = x : 0; };
    host.sample(library(), id, {10, 2, 0}, {7}, {{"eta", 10}});
    CHECK(seen == doctest::Approx(2));
  }
}

TEST_CASE("restart: is heun, for which the host adds the restarts") {
  VectorHost host;
  host.denoiser = mixture;
  const auto sigmas = exponential(10, 14.6, 0.03);
  CHECK(host.sample(library(), "restart", sigmas, {9}) == host.sample(library(), "heun", sigmas, {9}));
  CHECK(library().manifests.at("restart")["restart"] == "paper_guidance_5");
}
TEST_CASE("samplers: an error releases all latents") {
  VectorHost host;
  host.denoiser = gaussian;
  host.noise = unit_noise(1);
  CHECK_THROWS_AS(host.sample(library(), "seeds_3", {10, 1, 0}, {7}, {{"r_1", 0.9}, {"r_2", 0.1}}), Failed);
  CHECK(host.live == 0);
}
