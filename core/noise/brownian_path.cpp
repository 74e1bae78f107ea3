#include "noise/brownian_path.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "noise/philox_noise.h"

namespace calotype {
namespace {

constexpr int kDepth = 24, kLowest = -40;  // below 2^kLowest the noise does not matter
constexpr size_t kKept = 3;                // levels: of a step, and of one within it

/// For the root (node 1) and the midpoints (2 and on, as in a heap) of the octave from 2^k to 2^(k+1).
uint64_t stream(int k, uint64_t node) {
  return uint64_t(k + 64) << 32 | node;
}

int octave(double sigma) {
  return std::max(std::ilogb(sigma), kLowest);
}

constexpr size_t kBlock = 8 * kCounterBlock;  // numbers that are computed together, so that they stay in a core's cache
using Block = std::array<float, kBlock>;

// Plain loops that the compiler vectorizes.
[[gnu::target_clones("avx512f", "avx2", "default")]] void add(const float* sampled, float scale, float* out,
                                                              size_t count) {
  for (size_t i = 0; i < count; ++i) out[i] += scale * sampled[i];
}
[[gnu::target_clones("avx512f", "avx2", "default")]] void add_middle(const float* sampled, float scale,
                                                                     const float* far, float* end, size_t count) {
  for (size_t i = 0; i < count; ++i) end[i] = 0.5f * (far[i] + end[i]) + scale * sampled[i];
}

/// out += W(2^(k+1)) - W(2^k), for the numbers from `first` on.
void add_octave(uint64_t seed, int k, size_t first, std::span<float> out) {
  Block sampled;
  counter_noise(seed, stream(k, 1), {sampled.data(), out.size()}, first);
  add(sampled.data(), float(std::sqrt(std::ldexp(1, k))), out.data(), out.size());
}

/// low = W(2^k (1 + position / 2^kDepth)) - W(2^k), for the numbers from `first` on.
void bisect(uint64_t seed, int k, uint64_t position, size_t first, std::span<float> low) {
  Block high_block{}, sampled;
  const std::span high(high_block.data(), low.size());
  std::fill(low.begin(), low.end(), 0.0f);
  add_octave(seed, k, first, high);
  uint64_t node = 1;
  for (int depth = 1; position; ++depth) {  // until the lower end is reached
    const uint64_t half = uint64_t(1) << (kDepth - depth);
    const bool is_upper = position >= half;
    // a midpoint has the index of the half below it
    counter_noise(seed, stream(k, 2 * node), {sampled.data(), low.size()}, first);
    const auto scale = float(std::sqrt(std::ldexp(0.25, k - depth + 1)));
    const auto [end, far] = is_upper ? std::pair(low, high) : std::pair(high, low);
    add_middle(sampled.data(), scale, far.data(), end.data(), low.size());
    node = 2 * node + is_upper;
    if (is_upper) position -= half;
  }
}

/// Calls body(first, part of x from there on) for each block of x.
template <class Body>
void for_each_block(std::span<float> x, Body&& body) {
  for (size_t first = 0; first < x.size(); first += kBlock)
    body(first, x.subspan(first, std::min(kBlock, x.size() - first)));
}

}  // namespace

const BrownianPath::Numbers& BrownianPath::above_power(double sigma) {
  for (size_t i = 0; i < known_.size(); ++i)
    if (known_[i].first == sigma) {
      std::rotate(known_.begin(), known_.begin() + std::ptrdiff_t(i), known_.begin() + std::ptrdiff_t(i) + 1);
      return known_.front().second;
    }
  const int k = octave(sigma);
  const auto position =
      uint64_t(std::lround(std::ldexp(std::max(sigma - std::ldexp(1, k), 0.0), kDepth - k)));  // of 2^kDepth
  Numbers low;
  if (known_.size() == kKept) low = std::move(known_.back().second), known_.pop_back();
  low.resize(count_);
  for_each_block(low, [&](size_t first, std::span<float> part) { bisect(seed_, k, position, first, part); });
  known_.insert(known_.begin(), {sigma, std::move(low)});
  return known_.front().second;
}

void BrownianPath::increment(double from, double to, std::span<float> out) {
  const int top = octave(from), bottom = octave(std::max(to, std::ldexp(1, kLowest)));
  std::fill(out.begin(), out.end(), 0.0f);
  if (to > 0) add(above_power(to).data(), -1, out.data(), out.size());
  for (int k = bottom; k < top; ++k)
    for_each_block(out, [&](size_t first, std::span<float> part) { add_octave(seed_, k, first, part); });
  add(above_power(from).data(), 1, out.data(), out.size());
  const auto scale = float(1 / std::sqrt(from - to));
  for (float& x : out) x *= scale;
}

}  // namespace calotype
