#pragma once

namespace calotype {

/// Which numbers the noise of an image is.
enum class NoiseKind {
  automatic,  ///< what the sampler says, else torch
  torch,      ///< the next ones of torch's generator for the CPU
  brownian,   ///< torch's for the first latents, and a Brownian path over the sigmas
  philox      ///< those of torch on CUDA
};

}  // namespace calotype
