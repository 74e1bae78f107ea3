// Samplers that fail a check in another way than its mutant does.
#include "../good_sampler.h"

namespace {

using Host = const calotype_sampler_host*;
using Handle = calotype_latents*;

constexpr Info kEmpty{.id = "empty", .summary = "Succeeds and returns nothing"};
int32_t empty(Host host, const calotype_settings*, uint32_t, const double*, Handle* x, calotype_message*) {
  host->release(host->context, *x);
  *x = nullptr;
  return CALOTYPE_OK;
}
constexpr calotype_sampler kReturnsNothing{sizeof(calotype_sampler), empty};

constexpr Info kNull{.id = "null", .summary = "Asks the model of nothing"};
int32_t null(Host host, const calotype_settings*, uint32_t, const double* sigmas, Handle*, calotype_message*) {
  Handle denoised = nullptr;
  return host->denoise(host->context, nullptr, sigmas[0], &denoised);
}
constexpr calotype_sampler kAsksOfNull{sizeof(calotype_sampler), null};

constexpr Info kSumless{.id = "sumless", .summary = "Asks for a sum of nothing"};
int32_t sumless(Host host, const calotype_settings*, uint32_t, const double*, Handle* x, calotype_message*) {
  return host->combine(host->context, 0, nullptr, nullptr, x);
}
constexpr calotype_sampler kSumsNothing{sizeof(calotype_sampler), sumless};

constexpr Info kStill{.id = "still", .summary = "Asks for noise for no way"};
void still(const Sampling& s, Latents& x) {
  s.noise(s.sigmas[0], s.sigmas[0]);
  euler(s, x);
}

constexpr Info kShy{.id = "shy", .summary = "Refuses low sigmas"};
void shy(const Sampling& s, Latents& x) {
  if (s.sigmas[s.steps() - 1] < 0.01) throw Error("want sigmas of 0.01 or more");
  euler(s, x);
}

/// Third order where the model is linear in x, second elsewhere: Euler's method over two steps and over both at once,
/// extrapolated (Choi et al. 2025, arXiv:2504.01855).
constexpr Info kExtrapolated{.id = "extrapolated",
                             .summary = "Promises an order that it has on normal data alone",
                             .order = 3,
                             .evaluations = {1, 0}};
void extrapolated(const Sampling& s, Latents& x) {
  const auto step = [](const Latents& from, const Latents& denoised, double sigma, double next) {
    return Latents(next / sigma * from + (1 - next / sigma) * denoised);
  };
  int i = 0;
  for (; i + 3 <= s.steps(); i += 2) {
    const double first = s.sigmas[i], middle = s.sigmas[i + 1], last = s.sigmas[i + 2];
    const Latents denoised = s.denoise(x, first), half = step(x, denoised, first, middle);
    const Latents fine = step(half, s.denoise(half, middle), middle, last), coarse = step(x, denoised, first, last);
    const double a = first - middle, b = middle - last, part = (a * a + b * b) / ((a + b) * (a + b));
    x = 1 / (1 - part) * fine + -part / (1 - part) * coarse;
  }
  for (; i < s.steps(); ++i) x = step(x, s.denoise(x, s.sigmas[i]), s.sigmas[i], s.sigmas[i + 1]);
}

}  // namespace

CALOTYPE_ENTRY(CALOTYPE_SAMPLER, 1u, kEmpty, "", &kReturnsNothing);
CALOTYPE_ENTRY(CALOTYPE_SAMPLER, 1u, kNull, "", &kAsksOfNull);
CALOTYPE_ENTRY(CALOTYPE_SAMPLER, 1u, kSumless, "", &kSumsNothing);
CALOTYPE_SAMPLER_ENTRY(kStill, still);
CALOTYPE_SAMPLER_ENTRY(kShy, shy);
CALOTYPE_SAMPLER_ENTRY(kExtrapolated, extrapolated);
