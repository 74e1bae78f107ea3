#pragma once
#include <calotype/pipeline.h>

#include <string>

namespace calotype {

/// What a task makes use of beyond prompts, size and steps.
struct Task {
  std::string name;
  bool takes_image = false, takes_mask = false, takes_passes = false, takes_start = false, takes_end = false,
       takes_batch = false;
};

/// Throws Error (config) for what is asked of a task that cannot do it, and for an image that it wants and does not
/// get.
void check(const Task& task, const Request& request);

/// Decodes latents [N,4,H/8,W/8] of N images from `image` on, one at a time, and hands them over.
void finish(Run& run, int image, const at::Tensor& latents);

}  // namespace calotype
