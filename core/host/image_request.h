#pragma once
#include <calotype/host/plan.h>

namespace calotype {

/// As they stand.
Prompts prompts_of(const ResolvedConfig& config);

/// Whether the prompts of a config are to be expanded, for each image again.
bool expands_prompts(const ResolvedConfig& config);

/// What is asked of image `image` of a plan alone: its seed, and its prompts as they are to be encoded.
Request image_request(const Plan& plan, int image);

/// The same for as many images from `first` on as have the same prompts.
Request group_request(const Plan& plan, int first);

}  // namespace calotype
