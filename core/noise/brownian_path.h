#pragma once
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace calotype {

/// A path of Brownian motion W over sigmas, for each of some numbers: the same whatever levels are asked for, so
/// runs with more and with fewer steps see one path. Nothing is stored: W between two powers of two is bisected (Lévy's
/// construction), each middle drawn from a generator by counter, to 2^-24 of the level.
class BrownianPath {
 public:
  BrownianPath(uint64_t seed, size_t count) : seed_(seed), count_(count) {}
  /// out = (W(from) - W(to)) / sqrt(from - to): of unit variance, independent where intervals do not overlap. from > to
  /// >= 0.
  void increment(double from, double to, std::span<float> out);

 private:
  using Numbers = std::vector<float>;
  /// W(sigma) - W(2^k), for the largest 2^k that is not above sigma.
  const Numbers& above_power(double sigma);

  uint64_t seed_;
  size_t count_;
  std::vector<std::pair<double, Numbers>> known_;  // the last levels
};

}  // namespace calotype
