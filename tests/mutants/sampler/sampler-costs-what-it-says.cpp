// Promises another number of model evaluations.
#include "good_sampler.h"

CALOTYPE_SAMPLER_ENTRY_PROMISING(kInfo, euler, 1, 2, -1);
