// An address within its code.
#include "good_scheduler.h"

__asm__(".pushsection .text\n.balign 8\n.quad calotype_library\n.popsection");
CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
