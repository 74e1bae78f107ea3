// A section that is both code and data.
#include "good_scheduler.h"

__asm__(".pushsection .both, \"awx\", @progbits\n.byte 0\n.popsection");
CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
