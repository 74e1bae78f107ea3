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
  refuse(r.only_masked, task.takes_mask, "only_masked", "inpaint");
  refuse(r.hires_scale > 0, task.takes_passes, "hires", "text_to_image");
  refuse(r.refiner_start > 0, task.takes_passes, "refiner", "text_to_image");
  refuse(r.denoising_start > 0, task.takes_start, "denoising_start", "image_to_image");
  refuse(r.denoising_end < 1, task.takes_end, "denoising_end", "text_to_image or image_to_image");
  refuse(r.batch > 1, task.takes_batch, "batch", "text_to_image or image_to_image");
  if (task.takes_image && !r.image)
    throw Error(ErrorCode::config, "image: " + task.name + " wants an image to begin with, got none");
  if (r.denoising_end <= 0)
    throw Error(ErrorCode::config, "denoising_end: want more than 0, got " + shown(r.denoising_end));
  if (r.denoising_start >= r.denoising_end)
    throw Error(ErrorCode::config, "denoising_start: want less than denoising_end, " + shown(r.denoising_end) +
                                       ", got " + shown(r.denoising_start));
}

void finish(Run& run, int image, const at::Tensor& latents) {
  for (const at::Tensor& one : latents.split(1)) run.finish(image++, run.model().decode(one), one);
}

}  // namespace calotype
