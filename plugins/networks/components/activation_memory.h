#pragma once
#include "networks/ops/weights.h"

namespace calotype::networks {

/// What a network is run on.
struct RunShape {
  int64_t height, width;        ///< of the latents
  int64_t batch, element;       ///< images at once; bytes of a number
  bool copies_in_convolutions;  ///< input, output and weight, into an order that they have anew in each call
};

/// The most bytes besides the weights that one call of the denoising network has alive, from the shapes of its weights.
uint64_t unet_activation_memory(const Weights& unet, const RunShape& shape);
/// The same for decoding.
uint64_t decoder_activation_memory(const Weights& vae, const RunShape& shape, bool tiled);
/// Pixels to a latent, each way.
int64_t latent_factor(const Weights& vae);

}  // namespace calotype::networks
