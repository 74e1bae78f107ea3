// Declares another number of model evaluations.
#include "good_sampler.h"

namespace {
constexpr Info kDeclares{.id = "mutant", .summary = "A mutant", .order = 1, .evaluations = {2, -1}};
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kDeclares, euler);
