#pragma once
#include <array>
#include <cmath>

namespace calotype {

/// The weights of x, D and D_before in a step of res_multistep from sigma to sigma_next, h = ln(sigma / sigma_next): x'
/// = e^-h x + b1 D + b2 D_before. D_before lies at c h, c = -h_before / h < 0, from D. Zhang et al. 2023, "Improved
/// order analysis and design of exponential integrator for diffusion models sampling", arXiv:2308.02157: phi1(-h) h = 1
/// - e^-h, phi2(-h) h = 1 - (1 - e^-h) / h.
inline std::array<double, 3> res_step(double sigma, double sigma_next, double log_before) {
  const double h = std::log(sigma / sigma_next), phi_1 = -std::expm1(-h), phi_2 = 1 - phi_1 / h,
               b2 = phi_2 * h / log_before;
  return {sigma_next / sigma, phi_1 - b2, b2};
}

}  // namespace calotype
