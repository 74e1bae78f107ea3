// DPM-Solver++(2M) for the reverse SDE: second order, new noise at every step, rich texture. Not for fewer than 20
// steps.
//
//   h = ln(sigma / sigma'),   r = h_before / h,   e = 1 - exp(-(1 + eta) h)
//   x' = sigma'/sigma exp(-eta h) x + e D_i + c (D_i - D_(i-1)) / r + sigma' sqrt(1 - exp(-2 eta h)) s_noise z
//   z ~ N(0, 1),   c = e/2 (midpoint) or 1 - e / ((1 + eta) h) (heun);   the first step has c = 0, the last is x' = D_i
//
// Lu et al. 2022, "DPM-Solver++", arXiv:2211.01095: SDE-DPM-Solver++(2M), with eta of Crowson, k-diffusion,
// sample_dpmpp_2m_sde.
#include "samplers/stochastic.h"
#include "samplers/variant.h"

namespace {
using namespace calotype;

constexpr Setting kSolver = choice("solver_type", "midpoint", "midpoint|heun", "weight of the past prediction");
constexpr Setting kHeun = choice("solver_type", "heun", "midpoint|heun", "weight of the past prediction");

constexpr Info kInfo{.id = "dpmpp_2m_sde",
                     .label = "DPM++ 2M SDE",
                     .summary = "second order with new noise at every step: rich texture; not for fewer than 20 steps",
                     .citation = "Lu et al. 2022, SDE-DPM-Solver++(2M), arXiv:2211.01095",
                     .origin = "k-diffusion",
                     .category = "Texture",
                     .best_for = "rich texture",
                     .steps = {20, 50},
                     .pairs_with = "dpm_pp_2m_sde_karras",
                     .noise = "brownian",
                     .order = 2,
                     .evaluations = {1, 0},
                     .settings = {kEta, kNoise, kSolver}};
constexpr Info kGpuInfo =
    on_gpu(kInfo, "dpmpp_2m_sde_gpu",
           "dpmpp_2m_sde under its name for noise generated on the GPU; not for fewer than 20 steps", true);
constexpr Info kHeunInfo = [] {
  Info info = variant(kInfo, "dpmpp_2m_sde_heun", "DPM++ 2M SDE Heun",
                      "dpmpp_2m_sde with other weights: a little crisper; not for fewer than 20 steps");
  info.settings[2] = kHeun;
  return info;
}();
constexpr Info kHeunGpuInfo =
    on_gpu(kHeunInfo, "dpmpp_2m_sde_heun_gpu",
           "dpmpp_2m_sde_heun under its name for noise generated on the GPU; not for fewer than 20 steps");

void dpmpp_2m_sde(const Sampling& s, Latents& x) {
  const bool heun = s.settings.text(kSolver) == "heun";
  Latents before;
  double h_before = 0;
  for (int i = 0; i < s.steps() - 1; ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1], h = std::log(sigma / sigma_next);
    const double h_eta = s.settings[kEta] * h, e = -std::expm1(-h - h_eta);
    const double amount = s.settings[kNoise] * sigma_next * std::sqrt(-std::expm1(-2 * h_eta));
    Latents denoised = s.denoise(x, sigma);
    const double c = before ? (heun ? 1 - e / (h + h_eta) : e / 2) * h / h_before : 0;
    const Latents noise = noise_for(amount, s, sigma, sigma_next);
    x = sigma_next / sigma * std::exp(-h_eta) * x + e * denoised + c * (denoised - before) + amount * noise;
    before = std::move(denoised);
    h_before = h;
  }
  x = s.denoise(x, s.sigmas[s.steps() - 1]);
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, dpmpp_2m_sde);
CALOTYPE_SAMPLER_ENTRY(kGpuInfo, dpmpp_2m_sde);
CALOTYPE_SAMPLER_ENTRY(kHeunInfo, dpmpp_2m_sde);
CALOTYPE_SAMPLER_ENTRY(kHeunGpuInfo, dpmpp_2m_sde);
