#pragma once
#include <calotype/request.h>

#include <optional>

namespace calotype::sdxl {

/// Pixels, height first, as diffusers orders its micro-conditioning.
struct Size {
  int height = 0, width = 0;
  bool operator==(const Size&) const = default;
};

namespace keys {
inline constexpr int64_t kMostPixels = 65536;
inline constexpr Setting kOriginalSize =
    whole_numbers("original_size", "height|width", 1, kMostPixels,
                  "[height, width] that SDXL takes for the original size; absent: the image's")
        .listed_after("discard_next_to_last_sigma");
inline constexpr Setting kCrop = whole_numbers("crop", "top|left", 0, kMostPixels,
                                               "[top, left] that SDXL takes for the crop's corner; absent: [0, 0]")
                                     .listed_after("original_size");
inline constexpr Setting kTargetSize =
    whole_numbers("target_size", "height|width", 1, kMostPixels,
                  "[height, width] that SDXL takes for the target size; absent: the image's")
        .listed_after("crop");
inline constexpr Setting kNegativeOriginalSize =
    whole_numbers("negative_original_size", "height|width", 1, kMostPixels, "the same for the negative prompt")
        .listed_after("target_size");
inline constexpr Setting kNegativeCrop =
    whole_numbers("negative_crop", "top|left", 0, kMostPixels, "the same for the negative prompt")
        .listed_after("negative_original_size");
inline constexpr Setting kNegativeTargetSize =
    whole_numbers("negative_target_size", "height|width", 1, kMostPixels, "the same for the negative prompt")
        .listed_after("negative_crop");
inline constexpr Setting kAestheticScore =
    number("aesthetic_score", 6, 0, 10, "how pleasing the image is, which a refiner reads; other models do not")
        .rare()
        .listed_after("negative_target_size");
inline constexpr Setting kNegativeAestheticScore =
    number("negative_aesthetic_score", 2.5, 0, 10, "the same for the negative prompt")
        .rare()
        .listed_after("aesthetic_score");
}  // namespace keys

/// A request with the keys that SDXL's loaders alone declare: micro-conditioning (Podell et al. 2023, section 2.2).
struct SdxlRequest : Request {
  SdxlRequest(const Request& request)
      : Request(request),
        original_size(size_of(keys::kOriginalSize)),
        target_size(size_of(keys::kTargetSize)),
        crop(size_of(keys::kCrop)),
        negative_original_size(size_of(keys::kNegativeOriginalSize)),
        negative_target_size(size_of(keys::kNegativeTargetSize)),
        negative_crop(size_of(keys::kNegativeCrop)),
        aesthetic_score(options[keys::kAestheticScore]),
        negative_aesthetic_score(options[keys::kNegativeAestheticScore]) {}

  std::optional<Size> original_size, target_size, crop;  ///< crop is top, left
  std::optional<Size> negative_original_size, negative_target_size, negative_crop;
  double aesthetic_score, negative_aesthetic_score;

 private:
  std::optional<Size> size_of(const Setting& key) const {
    const auto both = options.numbers(key);
    return both.size() == 2 ? std::optional(Size{int(both[0]), int(both[1])}) : std::nullopt;
  }
};

}  // namespace calotype::sdxl
