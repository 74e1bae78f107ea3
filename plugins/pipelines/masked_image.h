#pragma once
#include <calotype/request.h>
#include <calotype/tensor.h>

#include <optional>

#include "fit.h"

namespace calotype {

/// An image and what of it is drawn anew, at the size that is drawn; and the way back to the whole image.
class MaskedImage {
 public:
  /// By request.image, its mask or alpha, resize, only_masked, mask_padding, mask_blur. Throws Error (config) where
  /// nothing is masked.
  explicit MaskedImage(const Request& request);

  /// [1,3,H,W] float32, 0 to 1, on the CPU.
  const at::Tensor& image() const { return image_; }
  /// [1,1,H,W] float32: 1 where it is drawn anew, else 0.
  const at::Tensor& mask() const { return mask_; }
  /// What was drawn, [1,3,H,W]: as it is, or with only_masked the whole image with it laid on, at the image's own
  /// size.
  at::Tensor finished(const at::Tensor& drawn) const;

 private:
  at::Tensor image_, mask_;
  // of only_masked
  std::optional<Area> area_;  // of the whole image
  Fit fit_;                   // of that area
  at::Tensor whole_;          // [1,3,h,w], 0 to 1
  at::Tensor weight_;         // [1,1,h,w] of the area: how much of it is what was drawn
};

}  // namespace calotype
