#pragma once
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace calotype {

/// A path of Brownian motion W over sigmas, one for each of `count` numbers. The path does not depend on the sigmas at
/// which it is evaluated, so runs with different numbers of steps see the same path. Nothing is stored: between two
/// powers of two, W is bisected (Lévy's construction) down to 2^-24 of the sigma, and a counter-based generator gives
/// the noise of each midpoint.
class BrownianPath {
 public:
  BrownianPath(uint64_t seed, size_t count) : seed_(seed), count_(count) {}
  /// out = (W(from) - W(to)) / sqrt(from - to): of unit variance, independent for intervals that do not overlap. from >
  /// to >= 0.
  void increment(double from, double to, std::span<float> out);

 private:
  using Numbers = std::vector<float>;
  /// W(sigma) - W(2^k), for the largest 2^k that is not above sigma.
  const Numbers& above_power(double sigma);

  uint64_t seed_;
  size_t count_;
  std::vector<std::pair<double, Numbers>> known_;  // the last sigmas
};

}  // namespace calotype
