#include "run_state.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/randn.h>

#include <algorithm>

namespace calotype {
namespace {

/// [1,3,H,W], 0 to 1 -> 8-bit, rounded as diffusers rounds.
Image to_image(const at::Tensor& picture) {
  const at::Tensor bytes = picture[0].mul(255).round().clamp(0, 255).permute({1, 2, 0}).to(at::kCPU, at::kByte).contiguous();
  Image image{int(bytes.size(1)), int(bytes.size(0)), {}};
  image.rgb.assign(bytes.const_data_ptr<uint8_t>(), bytes.const_data_ptr<uint8_t>() + bytes.numel());
  return image;
}

}  // namespace

RunState::RunState(const Request& request, std::span<const double> sigmas, int model_calls, Model& model, SolverChoice solver, Watch& watch,
                   Finish finish)
    : request_(request), sigmas_(sigmas), model_calls_(model_calls), device_(model.device()), solver_(solver), watch_(watch),
      finish_(std::move(finish)), model_(watched(model, watch)) {}

at::Generator& RunState::generator(int image) {
  const auto found = generators_.find(image);
  if (found != generators_.end()) return found->second;
  return generators_.emplace(image, at::detail::createCPUGenerator(request_.seed + uint64_t(image))).first->second;
}

at::Tensor RunState::noise(int image, at::IntArrayRef shape) {
  // on the CPU whatever the device: the same numbers, and so the same picture, on every one
  return at::randn(shape, generator(image), at::kFloat).to(device_);
}

at::Tensor RunState::sample(Denoiser& denoiser, const at::Tensor& x, std::span<const double> sigmas, int image) {
  const SamplerInputs inputs{[&](const at::Tensor& latents, double sigma) { return denoiser.denoise(latents, sigma); },
                             [&](double, double) { return noise(image, x.sizes()); }};
  at::Tensor latents;
  watch_.sampling(image, request_.images, model_calls_, device_,
                  [&] { latents = run_sampler(*solver_.sampler, solver_.entry, solver_.settings, sigmas, x, inputs); });
  if (!at::isfinite(latents).all().item<bool>())
    throw Error(ErrorCode::bad_data, "the latents hold values that are no numbers; wanted a wider type (dtype: bfloat16 or float32), or lower guidance_scale");
  return latents;
}

void RunState::finish(int image, const at::Tensor& picture, const at::Tensor& latents) {
  if (!at::isfinite(picture).all().item<bool>())
    throw Error(ErrorCode::bad_data, "the decoded picture holds values that are no numbers; wanted a wider type (dtype: bfloat16 or float32)");
  watch_.phase(Phase::write, at::kCPU, [&] { finish_(image, to_image(picture), latents.to(at::kCPU)); });
  generators_.erase(image);
}

}  // namespace calotype
