#include "denoiser.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/std.h>

#include <cmath>

namespace calotype::sdxl {

at::Tensor guided(const at::Tensor& unconditional, const at::Tensor& conditional, Guidance guidance) {
  const at::Tensor sum = unconditional + guidance.scale * (conditional - unconditional);
  if (guidance.rescale == 0) return sum;
  const auto deviation = [](const at::Tensor& x) { return at::std(x, {1, 2, 3}, /*unbiased=*/true, /*keepdim=*/true); };
  return sum * (guidance.rescale * (deviation(conditional) / deviation(sum)) + (1 - guidance.rescale));
}

at::Tensor denoised(const at::Tensor& x, const at::Tensor& output, double sigma, Prediction prediction) {
  if (prediction == Prediction::epsilon) return x - sigma * output;
  const double variance = sigma * sigma + 1;
  return x / variance - sigma / std::sqrt(variance) * output;
}

SdxlDenoiser::SdxlDenoiser(const Unet& unet, Unet::Conditioning conditioning, NoiseLevels levels, Settings settings)
    : unet_(unet), conditioning_(std::move(conditioning)), levels_(levels), settings_(settings) {}

at::Tensor SdxlDenoiser::denoise(const at::Tensor& x, double sigma) {
  const at::NoGradGuard no_grad;
  const double timestep = levels_.timestep(sigma);
  at::Tensor input = (x / std::sqrt(sigma * sigma + 1)).to(unet_.options().dtype());
  const bool guide = conditioning_.context.size(0) == 2;
  if (guide) input = at::cat({input, input});
  at::Tensor output =
      unet_(input, settings_.round_timesteps ? std::nearbyint(timestep) : timestep, conditioning_).to(at::kFloat);
  if (guide) output = guided(output.narrow(0, 0, 1), output.narrow(0, 1, 1), settings_.guidance);
  return denoised(x, output, sigma, settings_.prediction);
}

}  // namespace calotype::sdxl
