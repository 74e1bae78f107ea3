// Promises second order and is of first.
#include "good_sampler.h"

CALOTYPE_SAMPLER_ENTRY_PROMISING(kInfo, euler, 2, 1, 0);
