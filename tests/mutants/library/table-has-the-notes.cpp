// A manifest without an entry.
#include "good_scheduler.h"

static constexpr Info kGhost{.id = "ghost", .summary = "A note alone"};
[[gnu::section(".note.calotype"), CALOTYPE_RETAIN, gnu::aligned(4)]] static constexpr auto kNote =
    note::make<note::json_size(CALOTYPE_SCHEDULER, kGhost, "")>(CALOTYPE_SCHEDULER, 1u, kGhost, "");
CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
