// For models distilled to consistency (LCM, DMD2, and LoRAs of them): takes the model's picture and adds noise anew. With
// any other model it blurs.
//
//   x' = D(x; sigma) + sigma' z,   z ~ N(0, 1)
//
// lcm@diffusers has the boundary condition of eq. 9 around D, which is all but 1: x0 = c_out D + c_skip x / sqrt(1 + sigma^2), with
// c_skip = 0.25 / (s^2 + 0.25), c_out = s / sqrt(s^2 + 0.25), s = 10 t, for the timestep t of sigma.
//
// Luo, Tan, Huang, Li, Zhao 2023, "Latent Consistency Models", algorithm 3, arXiv:2310.04378.
#include "stochastic.h"
#include "timesteps.h"

namespace {
using namespace calotype;

constexpr Info info(const char* id, const char* origin, const char* summary) {
  return {.id = id, .label = "LCM", .summary = summary, .citation = "Luo et al. 2023, algorithm 3, arXiv:2310.04378",
          .origin = origin,
          .category = "Speed", .best_for = "models and LoRAs distilled to few steps", .steps = {1, 8}, .pairs_with = "sgm_uniform",
          .settings = {kNoise}};
}
constexpr Info kInfo = info("lcm", "ComfyUI", "new noise on the model's picture, for models distilled to 1 to 8 steps; not for others");
constexpr Info kDiffusers =
    info("lcm@diffusers", "diffusers", "lcm with diffusers' boundary condition, which moves numbers by a millionth; for distilled models only");

void lcm(const Sampling& s, Latents& x) {
  for (int i = 0; i < s.steps(); ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1], amount = s.settings[kNoise] * sigma_next;
    const Latents denoised = s.denoise(x, sigma);
    const Latents noise = noise_for(amount, s, sigma, sigma_next);
    x = denoised + amount * noise;
  }
}

void lcm_of_diffusers(const Sampling& s, Latents& x) {
  const TrainedTimesteps trained;
  for (int i = 0; i < s.steps(); ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1], amount = s.settings[kNoise] * sigma_next;
    const double scaled = 10.0 * trained.nearest(sigma), v = scaled * scaled + 0.25;
    const double c_skip = 0.25 / v / std::sqrt(1 + sigma * sigma), c_out = scaled / std::sqrt(v);
    const Latents denoised = s.denoise(x, sigma);
    const Latents noise = noise_for(amount, s, sigma, sigma_next);
    x = c_out * denoised + c_skip * x + amount * noise;
  }
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY_PROMISING(kInfo, lcm, 0, 1, 0);
CALOTYPE_SAMPLER_ENTRY_PROMISING(kDiffusers, lcm_of_diffusers, 0, 1, 0);
