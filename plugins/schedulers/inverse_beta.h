#pragma once
#include <cmath>

namespace calotype {

/// ln B(a, b). std::lgamma writes a global variable, and several threads may call a scheduler at once.
inline double log_beta(double a, double b) {
  int sign = 0;
  return ::lgamma_r(a, &sign) + ::lgamma_r(b, &sign) - ::lgamma_r(a + b, &sign);
}

/// The regularized incomplete beta function I_x(a, b): the continued fraction 1/(1+ d1/(1+ d2/(1+ ... of DLMF 8.17.22,
/// by the modified Lentz algorithm (DLMF 3.10(iii)), on the side of x where it converges fast. log_scale: ln B(a, b).
inline double incomplete_beta(double x, double a, double b, double log_scale) {
  if (x > (a + 1) / (a + b + 2)) return 1 - incomplete_beta(1 - x, b, a, log_scale);
  if (x <= 0) return 0;
  double c = 1, d = 1 / (1 - (a + b) * x / (a + 1)), fraction = d;
  const auto take = [&](double term) {
    d = 1 / (1 + term * d);
    c = 1 + term / c;
    fraction *= c * d;
    return std::abs(c * d - 1) > 1e-16;
  };
  for (int m = 1; m < 100; ++m) {
    take(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)));
    if (!take(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)))) break;
  }
  return std::exp(a * std::log(x) + b * std::log1p(-x) - log_scale) / a * fraction;
}

/// The x with I_x(a, b) = u, to about 1e-14 for a and b in [0.1, 20]: Newton's method, with bisection if a step leaves
/// the bracket.
inline double inverse_beta(double u, double a, double b) {
  if (u <= 0 || u >= 1) return u <= 0 ? 0 : 1;
  if (a == 1 && b == 1) return u;
  const double log_scale = log_beta(a, b);
  double low = 0, high = 1, x = 0.5;
  for (int i = 0; i < 100 && high - low > 1e-16; ++i) {
    const double error = incomplete_beta(x, a, b, log_scale) - u;
    (error > 0 ? high : low) = x;
    const double density = std::exp((a - 1) * std::log(x) + (b - 1) * std::log1p(-x) - log_scale);
    const double next = x - error / density;
    const bool inside = next > low && next < high;
    if (inside && std::abs(next - x) < 1e-9 * x) return next;  // each step squares the error, so this is the last
    x = inside ? next : (low + high) / 2;
  }
  return x;
}

}  // namespace calotype
