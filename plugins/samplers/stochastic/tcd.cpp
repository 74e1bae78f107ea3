// For models distilled by trajectory consistency (TCD, Hyper-SD): steps past the next sigma and returns with new noise,
// so that more steps give more detail. Not for other models, for which it is DDIM with unusual noise.
//
//   s = floor((1 - eta) t'),   x_s = D + sigma_s (x - D) / sigma
//   x' = x_s + sqrt(sigma'^2 - sigma_s^2) s_noise z,   z ~ N(0, 1)
//
// eta is the paper's gamma; t' and s are training timesteps, t' the one nearest to sigma'. With eta 0, x_s is at sigma'
// and this is euler. The last step is D; tcd@diffusers ends at timestep 0, so a little noise remains in the image.
//
// Zheng, Hu, Fan et al. 2024, "Trajectory Consistency Distillation", algorithm 4, arXiv:2402.19159.
#include <calotype/ode.h>

#include "samplers/stochastic.h"
#include "samplers/timesteps.h"

namespace {
using namespace calotype;

constexpr Setting kGamma =
    number("eta", 0.3, 0, 1, "the paper's gamma: how far a step goes past the next sigma; 0: no noise");

constexpr Info info(const char* id, const char* origin, const char* summary) {
  return {.id = id,
          .label = "TCD",
          .summary = summary,
          .citation = "Zheng et al. 2024, algorithm 4, arXiv:2402.19159",
          .origin = origin,
          .category = "Speed",
          .best_for = "models distilled to few steps",
          .steps = {2, 16},
          .pairs_with = "sgm_uniform",
          .guidance = {1, 2},
          .evaluations = {1, 0},
          .settings = {kGamma, kNoise}};
}
consteval Info paper_info() {
  Info out =
      info("tcd", "", "past the next sigma and back, for models distilled to 2 to 16 steps; not for other models");
  out.order = 1;
  return out;
}
constexpr Info kInfo = paper_info();
constexpr Info kDiffusers =
    info("tcd@diffusers", "diffusers",
         "tcd that ends at timestep 0, as diffusers: a little noise remains; only for distilled models");

void tcd(const Sampling& s, Latents& x, bool ends_at_timestep_0) {
  const TrainedTimesteps trained;
  const double eta = s.settings[kGamma], end = ends_at_timestep_0 ? trained.sigma(0) : 0;
  for (int i = 0; i < s.steps(); ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1];
    const bool is_last = sigma_next == 0;
    const float kept = float(1 - eta) * float(trained.nearest(sigma_next));  // diffusers' floor is that of a float
    const double sigma_s = is_last    ? end
                           : eta == 0 ? sigma_next
                                      : std::min(sigma_next, trained.sigma(std::floor(kept)));
    const double amount = is_last ? 0 : s.settings[kNoise] * std::sqrt(sigma_next * sigma_next - sigma_s * sigma_s);
    const double scale = is_last ? 1 / std::sqrt(1 + end * end) : 1;
    const Latents denoised = s.denoise(x, sigma);
    const Latents noise = noise_for(amount, s, sigma, sigma_next);
    x = scale * (denoised + sigma_s * slope(x, denoised, sigma)) + amount * noise;
  }
}

void tcd_of_paper(const Sampling& s, Latents& x) {
  tcd(s, x, false);
}
void tcd_of_diffusers(const Sampling& s, Latents& x) {
  tcd(s, x, true);
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, tcd_of_paper);
CALOTYPE_SAMPLER_ENTRY(kDiffusers, tcd_of_diffusers);
