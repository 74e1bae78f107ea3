#pragma once
#include <calotype/pipeline.h>

#include <string>

namespace calotype {

/// What a task supports beyond prompts, size and steps.
struct Task {
  std::string name;
  bool takes_image = false, takes_mask = false, takes_refiner = false, takes_batch = false;
};

/// Throws Error (config) if the request asks for something that the task does not support, or lacks an image that the
/// task needs.
void check(const Task& task, const Request& request);
/// Throws Error (config) unless 0 <= start < end: denoising_start and denoising_end.
void check_part(double start, double end);

/// Decodes latents [N,4,H/8,W/8] of N images from number `image` on, one at a time, and hands the images to the host.
void finish(Run& run, int image, const at::Tensor& latents);

}  // namespace calotype
