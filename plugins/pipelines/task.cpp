#include "task.h"

#include <calotype/error.h>

#include "passes.h"

namespace calotype {

void check(const Task& task, const Request& r) {
  const auto refuse = [&](bool given, bool taken, const std::string& key, const std::string& wanted) {
    if (given && !taken)
      throw Error(ErrorCode::config, key + ": " + task.name + " does not use it; want pipeline: " + wanted);
  };
  refuse(r.image != nullptr, task.takes_image, "image", "image_to_image or inpaint");
  refuse(r.mask != nullptr, task.takes_mask, "mask", "inpaint");
  refuse(r.refiner_start > 0, task.takes_refiner, "refiner", "text_to_image");
  refuse(r.batch > 1, task.takes_batch, "batch", "text_to_image or image_to_image");
  if (task.takes_image && !r.image)
    throw Error(ErrorCode::config, "image: " + task.name + " wants an image to begin with, got none");
}

void check_part(double start, double end) {
  if (end <= 0) throw Error(ErrorCode::config, "denoising_end: want more than 0, got " + shown(end));
  if (start >= end)
    throw Error(ErrorCode::config,
                "denoising_start: want less than denoising_end, " + shown(end) + ", got " + shown(start));
}

void finish(Run& run, int image, const at::Tensor& latents) {
  for (const at::Tensor& one : latents.split(1)) run.finish(image++, run.model().decode(one), one);
}

}  // namespace calotype
