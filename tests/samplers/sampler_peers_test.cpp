#include "samplers/exact_denoisers.h"

using namespace tier1;

namespace {

const Library& library() {
  static const Library loaded("samplers");
  return loaded;
}

/// Sample k, where a run counts its samples: 1.4 sin(12.9898 k + 78.233 j + 1) in element j.
Values sampled(int k) {
  Values z(8);
  for (int j = 0; j < 8; ++j) z[j] = 1.4 * std::sin(12.9898 * k + 78.233 * j + 1);
  return z;
}

/// Runs of a peer, by the scripts beside them: same image, no more samples of noise, and as many model evaluations
/// where `calls_agree`.
void check_peer(const std::string& file, const std::string& id, double tolerance, int wanted_runs,
                bool calls_agree = true) {
  const json data = json::parse(read_file(CALOTYPE_TEST_DATA "/samplers/" + file));
  int compared = 0;
  for (const json& run : data["runs"]) {
    if (run["id"] != id) continue;
    const std::vector<double> sigmas = run["sigmas"];
    CAPTURE(id);
    CAPTURE(run["settings"].dump());
    CAPTURE(sigmas.size());
    Values x = data["start"];
    for (double& v : x) v *= sigmas[0];
    VectorHost host;
    host.denoiser = mixture;
    host.unconditional = gaussian;
    host.noise = [&](double, double) { return run.contains("draws") ? sampled(host.noises - 1) : Values(8, 1.0); };
    CHECK(difference(host.sample(library(), id, sigmas, x, run["settings"]), run["y"]) <= tolerance);
    if (calls_agree) CHECK(host.model_evaluations == run["calls"]);
    if (run.contains("draws")) CHECK(host.noises <= run["draws"]);  // some peers sample noise that they do not use
    ++compared;
  }
  CHECK(compared == wanted_runs);
}

/// Of a timestep that SDXL was trained at.
double trained_sigma(int timestep) {
  double alpha_bar = 1;
  for (int t = 0; t <= timestep; ++t)
    alpha_bar *= 1 - std::pow(std::lerp(std::sqrt(0.00085), std::sqrt(0.012), t / 999.0), 2);
  return std::sqrt(1 / alpha_bar - 1);
}

double default_final_sigma(const std::string& id) {
  for (const json& setting : library().manifests.at(id)["settings"])
    if (setting["name"] == "final_sigma") return setting["default"];
  return NAN;
}

}  // namespace

TEST_CASE("samplers: ComfyUI's numbers") {
  for (const char* id : {"ddim", "dpm_fast", "exp_heun_2_x0", "heunpp2", "ipndm", "ipndm_v", "lms", "res_multistep",
                         "uni_pc", "uni_pc_bh2"})
    check_peer("comfyui.json", id, 1e-9, 5);
  check_peer("comfyui.json", "gradient_estimation", 1e-9, 10);
  check_peer("comfyui.json", "deis", 1e-6, 10);
}
TEST_CASE("dpm_adaptive: ComfyUI's numbers, without its second evaluation at the start of a repeated step") {
  check_peer("comfyui.json", "dpm_adaptive", 1e-9, 10, /*calls_agree=*/false);
}
TEST_CASE("samplers: diffusers' numbers") {
  check_peer("diffusers_ode.json", "ddim", 1e-9, 24);
  check_peer("diffusers_ode.json", "plms", 1e-9, 11);
  check_peer("diffusers_ode.json", "deis@diffusers", 1e-9, 33);
  check_peer("diffusers_ode.json", "dpmpp_singlestep", 1e-9, 18);
  check_peer("diffusers_ode.json", "uni_pc@diffusers", 1e-9, 72);
  for (const char* id : {"dpmpp_2m", "dpmpp_2m_sde", "dpmpp_3m"})
    check_peer("diffusers_ode.json", id, 1e-6, 6);  // computed in float32
}
TEST_CASE("samplers: Forge's numbers") {
  for (const char* id : {"dpm_fast", "heunpp2", "ipndm@forge", "ipndm_v@forge", "lms@diffusers"})
    check_peer("forge.json", id, 1e-9, 5);
  check_peer("forge.json", "deis", 1e-6, 5);
  check_peer("forge.json", "dpm_adaptive", 1e-9, 5, /*calls_agree=*/false);
}
TEST_CASE("samplers: stable-diffusion.cpp's numbers") {
  for (const char* id : {"dpm_2", "dpmpp_2m", "dpmpp_2m_sde", "dpmpp_2m_v2", "dpmpp_2s_ancestral", "euler",
                         "euler_ancestral", "euler_ancestral_cfg_pp", "euler_cfg_pp", "gradient_estimation", "heun",
                         "ipndm@forge", "ipndm_v@stable-diffusion.cpp", "lcm", "res_2s", "res_multistep"})
    check_peer("stable_diffusion_cpp.json", id, 1e-9, 6);
  for (const char* id : {"ddim", "tcd@diffusers"}) check_peer("stable_diffusion_cpp.json", id, 1e-9, 18);
  check_peer("stable_diffusion_cpp.json", "er_sde", 1e-6, 6);
  check_peer("stable_diffusion_cpp.json", "lms@stable-diffusion.cpp", 1e-6, 6);  // sums in place of integrals
}
TEST_CASE("samplers: AUTOMATIC1111's numbers") {
  for (const auto& [id, runs] : std::map<std::string, int>{
           {"ddim@a1111", 15}, {"ddim_cfg_pp", 20}, {"lcm@a1111", 5}, {"plms@a1111", 5}, {"uni_pc@a1111", 28}})
    check_peer("a1111.json", id, 1e-9, runs);
}
TEST_CASE("samplers with noise: Forge's numbers") {
  for (const char* id : {"ddpm", "dpm_2_ancestral", "dpm_fast", "dpmpp_2m_sde", "dpmpp_2m_sde_heun",
                         "dpmpp_2s_ancestral", "dpmpp_3m_sde", "dpmpp_sde", "euler_ancestral", "lcm"})
    check_peer("a1111.json", id, 1e-9, 5);
  check_peer("a1111.json", "dpm_adaptive", 1e-9, 5, /*calls_agree=*/false);
}
TEST_CASE("samplers of AUTOMATIC1111: end at the noise of its lowest timestep") {
  for (const char* id : {"ddim@a1111", "ddim_cfg_pp", "plms@a1111"}) {
    CAPTURE(id);
    CHECK(default_final_sigma(id) == doctest::Approx(trained_sigma(1)).epsilon(1e-5));
  }
  CHECK(default_final_sigma("uni_pc@a1111") == doctest::Approx(trained_sigma(0)).epsilon(2e-5));
}
TEST_CASE("samplers with final_sigma: the pass ends at a sigma that is already there and never steps up") {
  for (const char* id : {"ddim", "ddim_cfg_pp", "plms", "uni_pc@a1111"}) {
    CAPTURE(id);
    VectorHost host;
    host.denoiser = gaussian;
    const json given = {{"final_sigma", 0.1}};
    const Values wanted = host.sample(library(), id, {10, 1, 0}, {7}, given);
    CHECK(host.sample(library(), id, {10, 1, 0.1005, 0.01, 0}, {7}, given) == wanted);
    CHECK(host.sample(library(), id, {0.05, 0}, {7}, given)[0] == doctest::Approx(7 / std::sqrt(1 + 0.05 * 0.05)));
  }
}
