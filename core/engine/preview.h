#pragma once
#include <ATen/core/Tensor.h>
#include <calotype/image.h>

namespace calotype {

/// A small image of latents [1,4,h,w], h x w pixels: each pixel a linear map of the four channels. The map is SDXL's;
/// a model with an autoencoder of its own shows its shapes, in other colours. Empty where the latents have not four
/// channels.
Image preview_of(const at::Tensor& latents);

}  // namespace calotype
