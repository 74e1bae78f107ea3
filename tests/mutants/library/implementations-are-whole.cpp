// A scheduler that declares a smaller size than the contract's.
#include "good_scheduler.h"

static constexpr calotype_scheduler kMutant{4, good_in_c};
CALOTYPE_ENTRY(CALOTYPE_SCHEDULER, 1u, kInfo, "", &kMutant);
