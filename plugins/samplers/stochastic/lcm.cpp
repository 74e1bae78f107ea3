// For models distilled to consistency (LCM, DMD2): takes denoised and adds new noise. Not for other models, whose
// images it blurs.
//
//   x' = D(x; sigma) + sigma' z,   z ~ N(0, 1)
//
// lcm@diffusers applies the boundary condition of eq. 9 to D, which changes little: x0 = c_out D + c_skip x / sqrt(1 +
// sigma^2), with c_skip = 0.25 / (s^2 + 0.25), c_out = s / sqrt(s^2 + 0.25), s = 10 t, for the timestep t of sigma.
// lcm@a1111: x0 = c_out D + c_skip x, for the nearest of the 50 timesteps of the distillation: 19, 39, ..., 999.
//
// Luo, Tan, Huang, Li, Zhao 2023, "Latent Consistency Models", algorithm 3, arXiv:2310.04378.
#include "samplers/stochastic.h"
#include "samplers/timesteps.h"

namespace {
using namespace calotype;

constexpr Info info(const char* id, const char* origin, const char* summary) {
  return {.id = id,
          .label = "LCM",
          .summary = summary,
          .citation = "Luo et al. 2023, algorithm 3, arXiv:2310.04378",
          .origin = origin,
          .category = "Speed",
          .best_for = "models distilled to few steps",
          .steps = {1, 8},
          .pairs_with = "sgm_uniform",
          .guidance = {1, 2},
          .evaluations = {1, 0},
          .settings = {kNoise}};
}
constexpr Info kInfo =
    info("lcm", "ComfyUI", "denoised and new noise, for models distilled to 1 to 8 steps; not for other models");
constexpr Info kDiffusers =
    info("lcm@diffusers", "diffusers",
         "lcm with diffusers' boundary condition, a change of a millionth; only for distilled models");
constexpr Info kA1111 =
    info("lcm@a1111", "AUTOMATIC1111",
         "lcm with AUTOMATIC1111's boundary condition, a change of millionths; only for distilled models");

void lcm(const Sampling& s, Latents& x) {
  for (int i = 0; i < s.steps(); ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1], amount = s.settings[kNoise] * sigma_next;
    const Latents denoised = s.denoise(x, sigma);
    const Latents noise = noise_for(amount, s, sigma, sigma_next);
    x = denoised + amount * noise;
  }
}

/// c_skip and c_out at a timestep, for x of clean + sigma noise times `scale`.
struct Boundary {
  double skip, out;
  Boundary(double timestep, double scale) {
    const double scaled = 10 * timestep, v = scaled * scaled + 0.25;
    skip = 0.25 / v * scale;
    out = scaled / std::sqrt(v);
  }
};

void pass(const Sampling& s, Latents& x, auto&& boundary_at) {
  for (int i = 0; i < s.steps(); ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1], amount = s.settings[kNoise] * sigma_next;
    const Boundary c = boundary_at(sigma);
    const Latents denoised = s.denoise(x, sigma);
    const Latents noise = noise_for(amount, s, sigma, sigma_next);
    x = c.out * denoised + c.skip * x + amount * noise;
  }
}

void lcm_of_diffusers(const Sampling& s, Latents& x) {
  const TrainedTimesteps trained;
  pass(s, x, [&](double sigma) { return Boundary(trained.nearest(sigma), 1 / std::sqrt(1 + sigma * sigma)); });
}
void lcm_of_a1111(const Sampling& s, Latents& x) {
  const TrainedTimesteps trained;
  const auto far = [&](int t, double sigma) { return std::abs(std::log(trained.sigma(t) / sigma)); };
  pass(s, x, [&](double sigma) {
    int nearest = 19;
    for (int t = 39; t <= TrainedTimesteps::kLast; t += 20)
      if (far(t, sigma) < far(nearest, sigma)) nearest = t;
    return Boundary(nearest, 1);
  });
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, lcm);
CALOTYPE_SAMPLER_ENTRY(kDiffusers, lcm_of_diffusers);
CALOTYPE_SAMPLER_ENTRY(kA1111, lcm_of_a1111);
