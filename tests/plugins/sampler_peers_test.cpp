#include "plugins/exact_denoisers.h"

using namespace tier1;

namespace {

const Library& library() {
  static const Library loaded("samplers");
  return loaded;
}

/// Draw k, where a run counts its draws: 1.4 sin(12.9898 k + 78.233 j + 1) in element j.
Values drawn(int k) {
  Values z(8);
  for (int j = 0; j < 8; ++j) z[j] = 1.4 * std::sin(12.9898 * k + 78.233 * j + 1);
  return z;
}

/// Runs of a peer, by the scripts beside them: same picture, no more draws of noise, and as many model calls where `calls_agree`.
void check_peer(const std::string& file, const std::string& id, double tolerance, int wanted_runs, bool calls_agree = true) {
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
    host.noise = [&](double, double) { return run.contains("draws") ? drawn(host.noises - 1) : Values(8, 1.0); };
    CHECK(difference(host.sample(library(), id, sigmas, x, run["settings"]), run["y"]) <= tolerance);
    if (calls_agree) CHECK(host.model_calls == run["calls"]);
    if (run.contains("draws")) CHECK(host.noises <= run["draws"]);  // some peers draw what counts for nothing
    ++compared;
  }
  CHECK(compared == wanted_runs);
}

}  // namespace

TEST_CASE("samplers: ComfyUI's numbers") {
  for (const char* id : {"ddim", "dpm_fast", "exp_heun_2_x0", "heunpp2", "ipndm", "ipndm_v", "lms", "res_multistep", "uni_pc",
                         "uni_pc_bh2"})
    check_peer("comfyui.json", id, 1e-9, 5);
  check_peer("comfyui.json", "gradient_estimation", 1e-9, 10);
  check_peer("comfyui.json", "deis", 1e-6, 10);
}
TEST_CASE("dpm_adaptive: ComfyUI's numbers, without the model calls that a step made again asks for twice") {
  check_peer("comfyui.json", "dpm_adaptive", 1e-9, 10, /*calls_agree=*/false);
}
TEST_CASE("samplers: diffusers' numbers") {
  check_peer("diffusers_ode.json", "ddim", 1e-9, 24);
  check_peer("diffusers_ode.json", "plms", 1e-9, 6);
  check_peer("diffusers_ode.json", "deis@diffusers", 1e-9, 33);
  check_peer("diffusers_ode.json", "dpmpp_singlestep", 1e-9, 18);
  check_peer("diffusers_ode.json", "uni_pc@diffusers", 1e-9, 36);
  check_peer("diffusers_ode.json", "dpmpp_3m", 1e-6, 6);  // it computes in float32
}
TEST_CASE("samplers: Forge's numbers") {
  for (const char* id : {"dpm_fast", "heunpp2", "ipndm@forge", "ipndm_v@forge", "lms@diffusers"}) check_peer("forge.json", id, 1e-9, 5);
  check_peer("forge.json", "deis", 1e-6, 5);
  check_peer("forge.json", "dpm_adaptive", 1e-9, 5, /*calls_agree=*/false);
}
TEST_CASE("samplers: stable-diffusion.cpp's numbers") {
  for (const char* id : {"dpm_2", "dpmpp_2m", "dpmpp_2m_sde", "dpmpp_2m_v2", "dpmpp_2s_ancestral", "euler", "euler_ancestral",
                         "euler_ancestral_cfg_pp", "euler_cfg_pp", "gradient_estimation", "heun", "ipndm@forge", "ipndm_v@stable-diffusion.cpp", "lcm", "res_2s", "res_multistep"})
    check_peer("stable_diffusion_cpp.json", id, 1e-9, 6);
  for (const char* id : {"ddim", "tcd@diffusers"}) check_peer("stable_diffusion_cpp.json", id, 1e-9, 18);
  check_peer("stable_diffusion_cpp.json", "er_sde", 1e-6, 6);
  check_peer("stable_diffusion_cpp.json", "lms@stable-diffusion.cpp", 1e-6, 6);  // sums in place of integrals
}
