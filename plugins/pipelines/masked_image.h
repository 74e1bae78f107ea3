#pragma once
#include <calotype/request.h>
#include <calotype/tensor.h>

#include <optional>

#include "fit.h"
#include "keys.h"

namespace calotype {

inline constexpr Setting kOnlyMasked =
    boolean("only_masked", false,
            "inpaint: generate the mask's surroundings at full size and paste them into the image")
        .rare()
        .wanting("image")
        .listed_after("resize");
inline constexpr Setting kMaskPadding =
    integer("mask_padding", 32, 0, 4096, "pixels around the mask that only_masked includes")
        .wanting("only_masked")
        .listed_after("only_masked");
inline constexpr Setting kMaskBlur =
    integer("mask_blur", 0, 0, 256, "pixels over which only_masked softens the border of the mask")
        .wanting("only_masked")
        .listed_after("mask_padding");

/// The image and the mask that an inpaint pass works on, at its size, and the way back to the whole image.
class MaskedImage {
 public:
  /// Uses request.image, its mask or alpha, resize, only_masked, mask_padding and mask_blur. Throws Error (config) if
  /// nothing is masked.
  explicit MaskedImage(const Request& request);

  /// [1,3,H,W] float32 with values from 0 to 1, on the CPU.
  const at::Tensor& image() const { return image_; }
  /// [1,1,H,W] float32, on the CPU: 1 where the image is regenerated, else 0.
  const at::Tensor& mask() const { return mask_; }
  /// The result for `generated`, [1,3,H,W]: `generated` itself, or with only_masked the whole image in its own size,
  /// with `generated` laid over it.
  at::Tensor finished(const at::Tensor& generated) const;

 private:
  at::Tensor image_, mask_;
  // only for only_masked:
  std::optional<Area> area_;  // the regenerated area of the whole image
  Fit fit_;                   // how the area is brought to the size of the pass
  at::Tensor whole_;          // the whole image: [1,3,h,w], 0 to 1
  at::Tensor weight_;         // [1,1,h,w] of the area: the part of `generated` in the result
};

}  // namespace calotype
