// Noise by counter: torch's numbers on CUDA, and paths of Brownian motion.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "noise/brownian_path.h"
#include "noise/philox.h"
#include "noise/philox_noise.h"

using namespace calotype;

namespace {

struct Moments {
  double mean, variance;
};
Moments moments(const std::vector<float>& x) {
  double sum = 0, squares = 0;
  for (const float v : x) sum += v, squares += double(v) * v;
  const double mean = sum / double(x.size());
  return {mean, squares / double(x.size()) - mean * mean};
}
double correlation(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += double(a[i]) * b[i];
  return sum / double(a.size());
}

std::vector<float> increment(BrownianPath& path, double from, double to, size_t count) {
  std::vector<float> out(count);
  path.increment(from, to, out);
  return out;
}

}  // namespace

TEST_CASE("philox: torch.randn(5, device=\"cuda\") with seed 0") {
  std::vector<float> got(5);
  philox_noise(0, 0, got);
  const float wanted[] = {-0.92466259f, -0.42534415f, -2.6438458f, 0.14518388f, -0.12086647f};
  for (size_t i = 0; i < 5; ++i) CHECK(std::abs(got[i] - wanted[i]) < 1e-6);
}

TEST_CASE("philox: is unit normal, and other for another seed and another sample") {
  std::vector<float> a(200'000), b(a.size()), c(a.size());
  philox_noise(7, 0, a), philox_noise(8, 0, b), philox_noise(7, 1, c);
  CHECK(std::abs(moments(a).mean) < 0.008);
  CHECK(std::abs(moments(a).variance - 1) < 0.012);
  CHECK(std::abs(correlation(a, b)) < 0.008);
  CHECK(std::abs(correlation(a, c)) < 0.008);
}

TEST_CASE("counter noise: Box and Muller's of Philox's words, from wherever it is asked for") {
  constexpr size_t kCount = 5 * kCounterBlock + 3, kLanes = kCounterBlock / 4, kRadii = 8;
  constexpr uint64_t kSeed = 0x123456789abcdef, kStream = 0xfedcba987;
  const auto uniform =
      [&](size_t i) {  // a block has the first word of its counters first, then the second of each, ...
        const size_t at = i % kCounterBlock, counter = i / kCounterBlock * kLanes + at % kLanes;
        return double(philox({uint32_t(counter), 1, uint32_t(kStream), uint32_t(kStream >> 32)}, kSeed)[at / kLanes] >>
                      8) *
               0x1p-24;
      };
  std::vector<float> all(kCount), later(kCount - 2 * kCounterBlock);
  counter_noise(kSeed, kStream, all);
  for (size_t i = 0; i < kCount; ++i) {
    const bool has_radius = i % (2 * kRadii) < kRadii;
    const size_t first = has_radius ? i : i - kRadii;
    const double radius = std::sqrt(-2 * std::log(1 - uniform(first))),
                 angle = 2 * std::numbers::pi * uniform(first + kRadii);
    CHECK(std::abs(all[i] - radius * (has_radius ? std::cos(angle) : std::sin(angle))) <= 2e-6);
  }
  counter_noise(kSeed, kStream, later, 2 * kCounterBlock);
  CHECK(std::equal(later.begin(), later.end(), all.begin() + 2 * kCounterBlock));
}

TEST_CASE("brownian: increments are of unit variance, and independent where they do not overlap") {
  constexpr size_t kCount = 200'000;
  BrownianPath path(3, kCount);
  const double levels[] = {14.6146, 14.5, 9.1, 8, 7.9999, 3.2, 1.0, 0.6, 0.0292, 0};
  std::vector<std::vector<float>> all;
  for (size_t i = 0; i + 1 < std::size(levels); ++i) {
    CAPTURE(levels[i]);
    all.push_back(increment(path, levels[i], levels[i + 1], kCount));
    CHECK(std::abs(moments(all.back()).mean) < 0.008);
    CHECK(std::abs(moments(all.back()).variance - 1) < 0.013);
    for (size_t k = 0; k + 1 < all.size(); ++k) CHECK(std::abs(correlation(all[k], all.back())) < 0.009);
  }
}

TEST_CASE("brownian: many steps follow the path of few") {
  BrownianPath few(5, 100), many(5, 100);
  for (const auto& [from, to] : {std::pair{14.6, 0.03}, {2.0, 1.0}, {1.7, 1.6}, {9.0, 0.0}}) {
    std::vector<double> sum(100);
    constexpr int kSteps = 57;
    for (int i = 0; i < kSteps; ++i) {
      const double a = from + (to - from) * i / kSteps, b = from + (to - from) * (i + 1) / kSteps;
      const auto step = increment(many, a, b, 100);
      for (size_t k = 0; k < 100; ++k) sum[k] += step[k] * std::sqrt(a - b);
    }
    const auto whole = increment(few, from, to, 100);
    for (size_t k = 0; k < 100; ++k)
      CHECK(std::abs(sum[k] - whole[k] * std::sqrt(from - to)) < 2e-5 * std::sqrt(from) + 1e-5);
  }
}

TEST_CASE("brownian: is a function of the seed, and of nothing that was asked before") {
  BrownianPath a(9, 64), b(9, 64), other(10, 64);
  (void)increment(b, 12, 3, 64), (void)increment(b, 0.5, 0.1, 64);
  CHECK(increment(a, 4, 3, 64) == increment(b, 4, 3, 64));
  CHECK(increment(a, 4, 3, 64) != increment(other, 4, 3, 64));
  BrownianPath longer(9, 100);
  const auto more = increment(longer, 4, 3, 100);
  CHECK(std::vector<float>(more.begin(), more.begin() + 64) == increment(a, 4, 3, 64));
}

TEST_CASE("brownian: the numbers of a seed stay") {  // as they were when paths were first sampled
  BrownianPath path(77, 2050);
  const auto got = increment(path, 14.6146, 9.1, 2050);
  const std::pair<size_t, float> wanted[] = {{0, 0.843871117f},     {255, 0.680337846f},    {256, 0.979267299f},
                                             {2047, -0.734053314f}, {2048, -0.0879673362f}, {2049, 0.830535531f}};
  for (const auto& [i, number] : wanted) CHECK(std::abs(got[i] - number) <= 1e-6);
}
