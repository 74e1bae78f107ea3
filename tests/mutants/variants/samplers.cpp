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

constexpr Info kShy{.id = "shy", .summary = "Refuses low noise levels"};
void shy(const Sampling& s, Latents& x) {
  if (s.sigmas[s.steps() - 1] < 0.01) throw Error("want noise levels of 0.01 or more");
  euler(s, x);
}

}  // namespace

CALOTYPE_ENTRY(CALOTYPE_SAMPLER, 1u, kEmpty, "", &kReturnsNothing);
CALOTYPE_ENTRY(CALOTYPE_SAMPLER, 1u, kNull, "", &kAsksOfNull);
CALOTYPE_ENTRY(CALOTYPE_SAMPLER, 1u, kSumless, "", &kSumsNothing);
CALOTYPE_SAMPLER_ENTRY(kStill, still);
CALOTYPE_SAMPLER_ENTRY(kShy, shy);
