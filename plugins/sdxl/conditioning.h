#pragma once
#include <array>

#include "networks/model/opened_latent_model.h"
#include "sdxl/sdxl_request.h"

namespace calotype::sdxl {

/// What SDXL is told of the size and crop of an image (Podell et al. 2023, section 2.2): original height and width,
/// crop top and left, target height and width.
using TimeIds = std::array<double, 6>;

/// Of the request; the image itself, not cropped, where it says nothing.
TimeIds time_ids(const SdxlRequest& request);

/// Of the negative prompt: time_ids, unless the request has any negative_* size of its own; then those, the sizes of
/// time_ids and no crop.
TimeIds negative_time_ids(const SdxlRequest& request);

/// What the refiner is told: original height and width, crop top and left, and how well people would like the image,
/// 1 to 10.
using RefinersIds = std::array<double, 5>;

/// Of the request.
RefinersIds refiners_ids(const SdxlRequest& request);
/// Of the negative prompt. Its crop is none but its own.
RefinersIds negative_refiners_ids(const SdxlRequest& request);

/// Both text encoders, or the refiner's one, and the sizes.
const networks::FamilyConditioning& conditioning();

}  // namespace calotype::sdxl
