#include "brownian_path.h"

#include <algorithm>
#include <cmath>

#include "philox_noise.h"

namespace calotype {
namespace {

constexpr int kDepth = 24, kLowest = -40;  // below 2^kLowest there is no noise to speak of
constexpr size_t kKept = 3;                // levels: of a step, and of one within it

/// Of the root (node 1) and the middles (2 and on, as in a heap) of the octave from 2^k to 2^(k+1).
uint64_t stream(int k, uint64_t node) { return uint64_t(k + 64) << 32 | node; }

int octave(double sigma) { return std::max(std::ilogb(sigma), kLowest); }

}  // namespace

void BrownianPath::add_octave(int k, double factor, std::span<float> out) {
  drawn_.resize(count_);
  counter_noise(seed_, stream(k, 1), drawn_);
  const auto scale = float(factor * std::sqrt(std::ldexp(1, k)));
  for (size_t i = 0; i < count_; ++i) out[i] += scale * drawn_[i];
}

const BrownianPath::Numbers& BrownianPath::above_power(double sigma) {
  for (size_t i = 0; i < known_.size(); ++i)
    if (known_[i].first == sigma) {
      std::rotate(known_.begin(), known_.begin() + std::ptrdiff_t(i), known_.begin() + std::ptrdiff_t(i) + 1);
      return known_.front().second;
    }
  const int k = octave(sigma);
  auto place = uint64_t(std::lround(std::ldexp(std::max(sigma - std::ldexp(1, k), 0.0), kDepth - k)));  // of 2^kDepth
  Numbers low;
  if (known_.size() == kKept) low = std::move(known_.back().second), known_.pop_back();
  low.assign(count_, 0);
  high_.assign(count_, 0);
  add_octave(k, 1, high_);
  uint64_t node = 1;
  for (int depth = 1; place; ++depth) {  // until it is at the lower end
    const uint64_t half = uint64_t(1) << (kDepth - depth);
    const bool is_upper = place >= half;
    counter_noise(seed_, stream(k, 2 * node), drawn_);  // a middle has the number of the half below it
    const auto scale = float(std::sqrt(std::ldexp(0.25, k - depth + 1)));
    Numbers& end = is_upper ? low : high_;
    for (size_t i = 0; i < count_; ++i) end[i] = 0.5f * (low[i] + high_[i]) + scale * drawn_[i];
    node = 2 * node + is_upper;
    if (is_upper) place -= half;
  }
  known_.insert(known_.begin(), {sigma, std::move(low)});
  return known_.front().second;
}

void BrownianPath::increment(double from, double to, std::span<float> out) {
  const int top = octave(from), bottom = octave(std::max(to, std::ldexp(1, kLowest)));
  std::fill(out.begin(), out.end(), 0.0f);
  if (to > 0)
    for (size_t i = 0; const float below : above_power(to)) out[i++] -= below;
  for (int k = bottom; k < top; ++k) add_octave(k, 1, out);
  for (size_t i = 0; const float above : above_power(from)) out[i++] += above;
  const auto scale = float(1 / std::sqrt(from - to));
  for (float& x : out) x *= scale;
}

}  // namespace calotype
