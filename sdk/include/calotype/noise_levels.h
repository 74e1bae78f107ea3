#pragma once
#include <calotype/model_sigmas.h>  // the newer name; older sources include this one
