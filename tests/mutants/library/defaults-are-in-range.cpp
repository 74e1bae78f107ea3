// A default that no user could give, which number() does not compile.
#include "good_scheduler.h"

static constexpr Setting kTooMuch{
    .type = CALOTYPE_NUMBER, .name = "amount", .doc = "what it is", .value = 2, .min = 0, .max = 1};
static constexpr Info kMutant{.id = "mutant", .summary = "A mutant", .settings = {kTooMuch}};
CALOTYPE_SCHEDULER_ENTRY(kMutant, good_schedule);
