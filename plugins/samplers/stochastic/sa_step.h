#pragma once
#include <array>

#include "samplers/stochastic.h"

/// The coefficients of SA-Solver, Xue et al. 2023, eq. 14 to 18, arXiv:2309.05019: those of sa_solver.cpp with u = h v,
/// y = a h.
namespace calotype {

inline constexpr int kMostPredictions = 6;
using SaWeights = std::array<double, kMostPredictions>;  ///< newest first

/// int_(-1)^0 y e^(y v) l_j(v) dv for Lagrange's polynomials of n nodes v, newest first.
inline SaWeights sa_weights(const SaWeights& v, int n, double y, bool is_simple) {
  double moments[kMostPredictions] = {-std::expm1(-y)};  // of v^p
  for (int p = 1; p < kMostPredictions; ++p) {
    moments[p] = (p % 2 ? 1 : -1) * std::exp(-y) - p / y * moments[p - 1];
    if (y > 1) continue;  // below 1, rounding leaves no digits
    double term = (p % 2 ? -1 : 1) * y;
    moments[p] = 0;
    for (int k = 0; k < 20; term *= -y / ++k) moments[p] += term / (p + k + 1);
  }
  if (is_simple && n == 2) {
    const double slope = y / 2 / (v[0] - v[1]);
    const bool predicts = v[0] < -0.5;
    return {(predicts ? moments[0] : 0) + slope, (predicts ? 0 : moments[0]) - slope};
  }
  SaWeights out{};
  for (int j = 0; j < n; ++j) {
    double l[kMostPredictions] = {1};  // coefficients, lowest first
    for (int k = 0; k < n; ++k)
      for (int p = kMostPredictions - 1; k != j && p >= 0; --p)
        l[p] = ((p ? l[p - 1] : 0) - v[k] * l[p]) / (v[j] - v[k]);
    for (int p = 0; p < n; ++p) out[j] += l[p] * moments[p];
  }
  return out;
}

/// The weights of x, of the noise and of each D in a step from sigmas[i] with n predictions, the newest of which is at
/// sigmas[newest].
struct SaStep {
  double x, noise;
  SaWeights d{};
  SaStep(const Sampling& s, int i, int newest, int n, double tau, bool is_simple) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1], h = std::log(sigma / sigma_next),
                 extra = tau * tau * h;
    for (int j = 0; j < n; ++j) d[j] = std::log(sigma_next / s.sigmas[newest - j]) / h;
    d = sa_weights(d, n, h + extra, is_simple);
    x = sigma_next / sigma * std::exp(-extra);
    noise = s.settings[kNoise] * sigma_next * std::sqrt(-std::expm1(-2 * extra));
  }
};

}  // namespace calotype
