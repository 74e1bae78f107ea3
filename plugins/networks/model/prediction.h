#pragma once
#include <ATen/core/Tensor.h>

namespace calotype::networks {

/// What the network was trained to give.
enum class Prediction {
  epsilon,       ///< the noise
  v_prediction,  ///< Salimans and Ho 2022, arXiv:2202.00512, appendix D
  edm            ///< F of Karras et al. 2022, equation 7, arXiv:2206.00364: -v where sigma_data is 1
};

/// Clean latents are of_x * x + of_output * output.
struct CleanParts {
  double of_x, of_output;
};
CleanParts clean_parts(double sigma, Prediction prediction, double sigma_data = 1);

/// The clean latents that a network's `output` at sigma `sigma` means: x, output [N,4,H,W] float32 -> same.
/// `sigma_data`: deviation of the latents that it was trained on; of no meaning for epsilon.
at::Tensor denoised(const at::Tensor& x, const at::Tensor& output, double sigma, Prediction prediction,
                    double sigma_data = 1);

}  // namespace calotype::networks
