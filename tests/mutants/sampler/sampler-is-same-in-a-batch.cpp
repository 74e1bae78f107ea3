// Lets the mean over all images into each.
#include "good_sampler.h"

namespace {
constexpr Info kDeclares{.id = "mutant", .summary = "A mutant", .evaluations = {1, 1}};
}  // namespace

static void mutant(const Sampling& s, Latents& x) {
  const double norm = s.error_norm(x, s.denoise(x, s.sigmas[0]), x, 1, 0);
  x = (1 + 1e-9 * norm) * x;
  euler(s, x);
}

CALOTYPE_SAMPLER_ENTRY(kDeclares, mutant);
