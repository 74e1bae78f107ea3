#pragma once
#include <calotype/pipeline.h>

#include <string>

namespace calotype {

/// What a task supports beyond prompts, size and steps.
struct Task {
  std::string name;
  bool takes_image = false, takes_mask = false, takes_passes = false, takes_start = false, takes_end = false,
       takes_batch = false;
};

/// Throws Error (config) if the request asks for something that the task does not support, or lacks an image that the
/// task needs.
void check(const Task& task, const Request& request);

/// Decodes latents [N,4,H/8,W/8] of N images from number `image` on, one at a time, and hands the images to the host.
void finish(Run& run, int image, const at::Tensor& latents);

}  // namespace calotype
