#pragma once
#include <doctest/doctest.h>

#include <cmath>

#include "tier1.h"

/// Denoisers with a closed form, and what samplers make of them.
namespace tier1 {

/// The exact denoiser of data from a mixture of Gaussians, with which the golden data was made.
inline double mixture(double x, double sigma) {
  constexpr double means[] = {-1, 0.25, 2}, weights[] = {0.5, 0.2, 0.3}, s = 0.3;
  const double v = s * s + sigma * sigma;
  double logits[3], highest = -INFINITY, sum = 0, mean = 0;
  for (int k = 0; k < 3; ++k) {
    logits[k] = std::log(weights[k]) - (x - means[k]) * (x - means[k]) / (2 * v);
    highest = std::max(highest, logits[k]);
  }
  for (int k = 0; k < 3; ++k) {
    const double p = std::exp(logits[k] - highest);
    sum += p;
    mean += p * (s * s * x + sigma * sigma * means[k]) / v;
  }
  return mean / sum;
}

inline constexpr double kMean = 0.7, kDeviation = 0.5;

/// The exact denoiser of data from N(kMean, kDeviation^2).
inline double gaussian(double x, double sigma) {
  const double d = kDeviation * kDeviation, v = sigma * sigma;
  return (d * x + v * kMean) / (d + v);
}

/// Where the probability flow ODE of that data takes x from sigma to 0.
inline double exact(double x, double sigma) {
  return kMean + (x - kMean) * kDeviation / std::hypot(kDeviation, sigma);
}

inline std::vector<double> exponential(int n, double highest, double lowest) {
  std::vector<double> sigmas;
  for (int i = 0; i < n; ++i) sigmas.push_back(highest * std::pow(lowest / highest, double(i) / (n - 1)));
  sigmas.push_back(0);
  return sigmas;
}

inline double difference(const Values& a, const Values& b) {
  REQUIRE(a.size() == b.size());
  double worst = 0;
  for (size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  return worst;
}

/// How often the error halves when the steps double, on data with an exact solution.
inline double order_of(const Library& library, const std::string& id, const json& given = json::object(),
                       int steps = 400) {
  const auto error = [&](int n) {
    VectorHost host;
    host.denoiser = gaussian;
    const auto sigmas = exponential(n, 10, 1e-6);
    return std::abs(host.sample(library, id, sigmas, {12}, given)[0] - exact(12, 10));
  };
  return std::log2(error(steps) / error(2 * steps));
}

}  // namespace tier1
