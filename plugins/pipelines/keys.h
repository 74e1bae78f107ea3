#pragma once
#include <calotype/request.h>

namespace calotype {

// The keys that several tasks declare.
inline constexpr Setting kStrength =
    number("strength", 0.75, 0, 1, "how much of the image changes: the part of the steps that is run")
        .wanting("image")
        .listed_after("mask");
inline constexpr Setting kResize = choice("resize", "crop", "crop|pad|stretch",
                                          "how an image is brought to width x height; absent: crop, or, where its own "
                                          "size is only rounded, stretch")
                                       .optional()
                                       .wanting("image")
                                       .listed_after("strength");
inline constexpr Setting kDenoisingEnd =
    number("denoising_end", 1, 0, 1, "stop at this part of the training timesteps, with noise left").rare();

/// How an image of another shape is brought to width x height.
enum class Resize {
  crop,    ///< as large as fills it; what stands out is cut off, on both sides alike
  pad,     ///< as large as fits into it; the border is filled with the nearest pixels
  stretch  ///< each side by itself
};
inline Resize resize_of(const Request& request) {
  const auto name = request.options.text(kResize);
  if (name == "pad") return Resize::pad;
  return name == "stretch" ? Resize::stretch : Resize::crop;
}

}  // namespace calotype
