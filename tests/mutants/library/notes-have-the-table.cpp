// An entry without a manifest.
#include "good_scheduler.h"

static constexpr calotype_entry kGhost{sizeof(calotype_entry), CALOTYPE_SCHEDULER, "ghost",
                                       &calotype::table::kScheduler<good_schedule, kInfo>};
[[gnu::section("calotype_entries"), CALOTYPE_RETAIN]] static const calotype_entry* const kPointer = &kGhost;
CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
