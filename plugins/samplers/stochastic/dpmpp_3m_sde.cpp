// DPM-Solver++(3M) for the reverse SDE: third order, new noise at every step, fine detail. Not for fewer than 20 steps.
//
//   h = ln(sigma / sigma'),   H = (1 + eta) h,   r0 = h_1 / h,   r1 = h_2 / h
//   a = (D_i - D_(i-1)) / r0,   b = (D_(i-1) - D_(i-2)) / r1
//   d1 = a + (a - b) r0 / (r0 + r1),   d2 = (a - b) / (r0 + r1),   phi2 = (e^-H - 1)/H + 1,   phi3 = phi2/H - 1/2
//   x' = e^-H x + (1 - e^-H) D_i + phi2 d1 - phi3 d2 + sigma' sqrt(1 - exp(-2 eta h)) s_noise z,   z ~ N(0, 1)
//   the first step has no d1 and d2, the second d1 = a and no d2, the last is x' = D_i
//
// dpmpp_3m_sde@diffusers has -(phi2/H + 1/2) d2 instead of -phi3 d2, a sign that makes it first order. With two past
// predictions its weight of d1 is (1 - e^-H)/2, and in fewer than 15 steps the last but one uses two. Crowson,
// k-diffusion, sample_dpmpp_3m_sde; the multistep solver of Lu et al. 2022, "DPM-Solver++", arXiv:2211.01095.
#include "samplers/stochastic.h"

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "dpmpp_3m_sde",
                     .label = "DPM++ 3M SDE",
                     .summary = "third order with new noise at every step: fine detail; not for fewer than 20 steps",
                     .citation = "Crowson 2023, k-diffusion; Lu et al. 2022, arXiv:2211.01095",
                     .origin = "k-diffusion",
                     .category = "Detail",
                     .best_for = "fine detail",
                     .steps = {20, 50},
                     .pairs_with = "dpm_pp_2m_sde_karras",
                     .noise = "brownian",
                     .order = 2,
                     .evaluations = {1, 0},
                     .settings = {kEta, kNoise}};
constexpr Info kGpuInfo =
    on_gpu(kInfo, "dpmpp_3m_sde_gpu",
           "dpmpp_3m_sde under its name for noise generated on the GPU; not for fewer than 20 steps");

consteval Info of_diffusers() {
  Info info = renamed(kInfo, "dpmpp_3m_sde@diffusers",
                      "dpmpp_3m_sde as diffusers, where a sign makes it first order; not for new images");
  info.best_for = "regenerating images of diffusers";
  info.noise = "";
  info.order = 1;
  return info;
}
constexpr Info kDiffusers = of_diffusers();

void solve(const Sampling& s, Latents& x, bool is_diffusers) {
  Latents denoised_1, denoised_2;
  double h_1 = 0, h_2 = 0;
  for (int i = 0; i < s.steps() - 1; ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1], eta = s.settings[kEta];
    const double h = std::log(sigma / sigma_next), H = (1 + eta) * h;
    const double phi_2 = std::expm1(-H) / H + 1, phi_3 = phi_2 / H - (is_diffusers ? -0.5 : 0.5), r_0 = h_1 / h,
                 r_1 = h_2 / h;
    const bool is_third = denoised_2 && !(is_diffusers && i == s.steps() - 2 && s.steps() < 15);
    const double second = is_diffusers && !is_third ? -std::expm1(-H) / 2 : phi_2;
    const double bend = is_third ? (phi_2 * r_0 - phi_3) / (r_0 + r_1) : 0;  // the coefficient of a - b
    const double a = denoised_1 ? (second + bend) / r_0 : 0, b = is_third ? bend / r_1 : 0;
    const double amount = s.settings[kNoise] * sigma_next * std::sqrt(-std::expm1(-2 * eta * h));

    Latents denoised = s.denoise(x, sigma);
    const Latents noise = noise_for(amount, s, sigma, sigma_next);
    x = std::exp(-H) * x - std::expm1(-H) * denoised + a * (denoised - denoised_1) - b * (denoised_1 - denoised_2) +
        amount * noise;
    denoised_2 = std::move(denoised_1);
    denoised_1 = std::move(denoised);
    h_2 = h_1;
    h_1 = h;
  }
  x = s.denoise(x, s.sigmas[s.steps() - 1]);
}

void dpmpp_3m_sde(const Sampling& s, Latents& x) {
  solve(s, x, false);
}
void as_diffusers(const Sampling& s, Latents& x) {
  solve(s, x, true);
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, dpmpp_3m_sde);
CALOTYPE_SAMPLER_ENTRY(kGpuInfo, dpmpp_3m_sde);
CALOTYPE_SAMPLER_ENTRY(kDiffusers, as_diffusers);
