// Heun's method that goes back up: at a low noise level it adds much noise and comes down again, which shrinks the errors
// made before. Not where calls are what counts: the default adds 36 model calls.
//
//   after the step that reaches sigma_i, the noise level nearest to a segment's sigma_min, K times:
//     x = x + sqrt(sigma_max^2 - sigma_i^2) s_noise z,   z ~ N(0, 1)
//     N - 1 steps of Heun through N noise levels from sigma_max to sigma_i, spaced as in karras (rho 7)
//
// Xu, Deng, Cheng et al. 2023, "Restart Sampling for Improving Generative Processes", section 3.1, arXiv:2306.14878. Where
// there are so few steps that the nearest noise level is the last, 0, it restarts from there, as the authors' program does;
// segments that meet at one noise level run one after the other, where theirs keeps the last.
#include <cstdio>
#include <vector>

#include "heun.h"
#include "stochastic.h"

namespace {
using namespace calotype;

constexpr Setting kSegments =
    numbers("segments", "10, 2, 0.1, 2", 0, 1e5,
            "N, K, sigma_min, sigma_max of each segment, one after the other: K times back up to "
            "sigma_max and down again in N-1 steps. The default is the authors' for guidance 5 and 8");

constexpr Info kInfo{.id = "restart",
                     .label = "Restart",
                     .summary = "heun that goes back up to correct earlier errors; the default adds 36 model calls",
                     .citation = "Xu et al. 2023, section 3.1, arXiv:2306.14878",
                     .origin = "AUTOMATIC1111",
                     .category = "Specialist",
                     .pairs_with = "karras",
                     .settings = {kSegments, kNoise}};

struct Segment {
  int points, times;
  double sigma_min, sigma_max;
  size_t after;  ///< index of the noise level that stands for sigma_min
};

template <class... Values>
[[noreturn]] void fail(const char* format, Values... values) {
  char text[160];
  std::snprintf(text, sizeof text, format, values...);
  throw Error(text);
}

/// The noise level below sigma_max nearest to sigma_min that some step reaches.
size_t nearest(std::span<const double> sigmas, const Segment& segment) {
  size_t best = sigmas.size() - 1;
  for (size_t i = best; i >= 1 && sigmas[i] < segment.sigma_max; --i)
    if (std::abs(sigmas[i] - segment.sigma_min) < std::abs(sigmas[best] - segment.sigma_min)) best = i;
  return best;
}

std::vector<Segment> read_segments(const Sampling& s) {
  const auto values = s.settings.numbers(kSegments);
  if (values.empty() || values.size() % 4)
    fail("segments: want groups of 4 (N, K, sigma_min, sigma_max), got %zu numbers", values.size());
  std::vector<Segment> segments;
  for (size_t i = 0; i < values.size(); i += 4) {
    const double n = values[i], k = values[i + 1], low = values[i + 2], high = values[i + 3];
    const size_t number = i / 4 + 1;
    if (n < 2 || n != std::floor(n)) fail("segments: segment %zu: want a whole N of 2 or more, got %g", number, n);
    if (k < 1 || k != std::floor(k)) fail("segments: segment %zu: want a whole K of 1 or more, got %g", number, k);
    if (low >= high) fail("segments: segment %zu: want sigma_min < sigma_max, got %g and %g", number, low, high);
    if (high > s.sigmas[0])
      fail("segments: segment %zu: want sigma_max up to the first noise level, %g, got %g", number, s.sigmas[0], high);
    segments.push_back({int(n), int(k), low, high, 0});
    segments.back().after = nearest(s.sigmas, segments.back());
  }
  return segments;
}

void go_back(const Sampling& s, Latents& x, const Segment& segment) {
  const double low = s.sigmas[segment.after], high = segment.sigma_max;
  const double first = std::pow(high, 1 / 7.0), last = std::pow(low, 1 / 7.0);
  const auto sigma = [&](int i) {
    const int end = segment.points - 1;
    return i == 0 ? high : i == end ? low : std::pow(first + double(i) / end * (last - first), 7);
  };
  for (int k = 0; k < segment.times; ++k) {
    const Latents noise = s.noise(low, high);
    x = x + std::sqrt(high * high - low * low) * s.settings[kNoise] * noise;
    for (int i = 0; i + 1 < segment.points; ++i) heun_step(s, x, sigma(i), sigma(i + 1));
  }
}

void restart(const Sampling& s, Latents& x) {
  const auto segments = read_segments(s);
  for (int i = 0; i < s.steps(); ++i) {
    heun_step(s, x, s.sigmas[i], s.sigmas[i + 1]);
    for (const auto& segment : segments)
      if (segment.after == size_t(i + 1)) go_back(s, x, segment);
  }
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY_PROMISING(kInfo, restart, 0, 2, 35);
