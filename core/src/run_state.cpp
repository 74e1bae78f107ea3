#include "run_state.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/isfinite.h>
#include <calotype/image_tensor.h>

#include <algorithm>
#include <utility>


namespace calotype {
RunState::RunState(const Request& request, const Walks& walks, int model_calls, Model& model, SolverChoice solver, Watch& watch,
                   Finish finish)
    : request_(request), walks_(walks), model_calls_(model_calls), device_(model.device()), solver_(solver), watch_(watch),
      finish_(std::move(finish)), model_(watched(model, watch)),
      images_(request.images) {}

template <class Draw>
at::Tensor RunState::noise_of(int image, at::IntArrayRef shape, Draw&& draw) {
  const auto drawn = [&](int k, at::IntArrayRef one) {
    const uint64_t seed = request_.seed + uint64_t(k);
    return draw(sources_.try_emplace(k, solver_.noise, seed, seed + request_.eta_noise_seed_delta).first->second, one);
  };
  if (shape.front() == 1) return drawn(image, shape).to(device_);
  std::vector<int64_t> one = shape.vec();
  one.front() = 1;
  std::vector<at::Tensor> all;
  for (int k = image; k < image + int(shape.front()); ++k) all.push_back(drawn(k, one));
  return at::cat(all).to(device_);
}

at::Tensor RunState::noise(int image, at::IntArrayRef shape) {
  return noise_of(image, shape, [](NoiseSource& source, at::IntArrayRef one) { return source.draw(one); });
}

at::Tensor RunState::sample(Denoiser& denoiser, const at::Tensor& x, std::span<const double> sigmas, int image) {
  const SamplerInputs inputs{[&](const at::Tensor& latents, double sigma) { return denoiser.denoise(latents, sigma); },
                             [&](double sigma, double next) {
                               return noise_of(image, x.sizes(), [&](NoiseSource& s, at::IntArrayRef one) { return s.between(sigma, next, one); });
                             },
                             [&](const at::Tensor& latents, double sigma) { return denoiser.denoise_guided(latents, sigma); }};
  const auto anew = [&] {
    const at::Tensor drawn = noise(image, x.sizes());
    for (int k = image; k < image + int(x.size(0)); ++k) sources_.at(k).begin_path();
    return drawn;
  };
  at::Tensor latents;
  const bool again = std::exchange(walked_, image) == image;
  watch_.sampling({Phase::sample, first_ + image, images_, 0, model_calls_, 0}, again, device_,
                  [&] { latents = run_legs(*solver_.sampler, solver_.entry, solver_.settings, legs(sigmas, solver_.restart), x, inputs, anew); });
  if (!at::isfinite(latents).all().item<bool>())
    fail_without_numbers("latents hold", is_widest() ? ", smaller weights in the prompt, or lower guidance_scale" : ", or lower guidance_scale");
  return latents;
}

void RunState::fail_without_numbers(const std::string& what, const std::string& otherwise) const {
  // nothing is wider than float32: then what was put in is at fault
  const std::string wanted = is_widest() ? ", in float32 too; wanted weights that are numbers in " + models_ : "; wanted a wider type (dtype: bfloat16 or float32)";
  throw Error(ErrorCode::bad_data, "the " + what + " values that are no numbers" + wanted + otherwise);
}

void RunState::finish(int image, const at::Tensor& picture, const at::Tensor& latents) {
  if (!at::isfinite(picture).all().item<bool>()) fail_without_numbers("decoded picture holds", "");
  watch_.phase(Phase::write, at::kCPU, [&] { finish_(image, to_image(picture), latents.to(at::kCPU)); });
  sources_.erase(image);
}

}  // namespace calotype
