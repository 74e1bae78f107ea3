// A unique symbol, as GCC makes of static variables in inline functions.
#include "good_scheduler.h"

__asm__(".pushsection .data\n.globl once\n.type once, @gnu_unique_object\nonce: .long 0\n.size once, 4\n.popsection");
CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
