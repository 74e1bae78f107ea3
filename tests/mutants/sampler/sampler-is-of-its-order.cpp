// Declares second order and is of first.
#include "good_sampler.h"

namespace {
constexpr Info kDeclares{.id = "mutant", .summary = "A mutant", .order = 2, .evaluations = {1, 0}};
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kDeclares, euler);
