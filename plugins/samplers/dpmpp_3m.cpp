// DPM-Solver++(3M): third order from one model evaluation a step, with the last three denoised. For many steps and
// little or no guidance. Not for 10 steps or fewer.
//
//   h = ln(sigma / sigma'),   r0 = h_1 / h,   r1 = h_2 / h,   a = (D_i - D_(i-1)) / r0,   b = (D_(i-1) - D_(i-2)) / r1
//   d1 = a + (a - b) r0 / (r0 + r1),   d2 = (a - b) / (r0 + r1),   phi2 = (e^-h - 1)/h + 1,   phi3 = phi2/h - 1/2
//   x' = e^-h x + (1 - e^-h) D_i + phi2 d1 - phi3 d2
//
// The second step is dpmpp_2m's, and so is the last but one of fewer than 15 steps; the last is x' = D_i. Lu et al.
// 2022, "DPM-Solver++", arXiv:2211.01095; as diffusers' DPMSolverMultistepScheduler of order 3.
#include <calotype/sampler.h>

#include <cmath>

namespace {
using namespace calotype;

constexpr Info kInfo{
    .id = "dpmpp_3m",
    .label = "DPM++ 3M",
    .summary = "third order from one model evaluation a step, for little guidance; not for 10 steps or fewer",
    .citation = "Lu et al. 2022, arXiv:2211.01095",
    .origin = "diffusers",
    .category = "Detail",
    .best_for = "20 steps and more without strong guidance",
    .steps = {15, 40},
    .pairs_with = "dpm_pp_2m_karras",
    .order = 2,
    .evaluations = {1, 0}};

void dpmpp_3m(const Sampling& s, Latents& x) {
  Latents before, before_2;
  double h_1 = 0, h_2 = 0;
  const int n = s.steps(), last_full = n < 15 ? n - 3 : n - 2;
  for (int i = 0; i < n - 1; ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1], h = std::log(sigma / sigma_next),
                 e = std::expm1(-h);
    const double phi_2 = e / h + 1, phi_3 = phi_2 / h - 0.5, r_0 = h_1 / h, r_1 = h_2 / h;
    const bool full = i >= 2 && i <= last_full;
    const double bend = full ? (phi_2 * r_0 - phi_3) / (r_0 + r_1) : 0;  // the coefficient of a - b
    const double a = full ? (phi_2 + bend) / r_0 : before ? -e / (2 * r_0) : 0, b = full ? bend / r_1 : 0;

    Latents denoised = s.denoise(x, sigma);
    x = sigma_next / sigma * x - e * denoised + a * (denoised - before) - b * (before - before_2);
    before_2 = std::move(before);
    before = std::move(denoised);
    h_2 = h_1;
    h_1 = h;
  }
  x = s.denoise(x, s.sigmas[n - 1]);
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, dpmpp_3m);
