#include "engine/run_state.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/sum.h>
#include <calotype/image_tensor.h>

#include <algorithm>
#include <utility>

#include "engine/returned.h"
#include "engine/run_restarts.h"

namespace calotype {
namespace {

/// The sigmas of the first pass and of those that go on where it ends.
std::vector<double> joined(const Passes& passes) {
  std::vector<double> out = passes.front();
  for (size_t i = 1; i < passes.size() && passes[i].front() == out.back(); ++i)
    out.insert(out.end(), passes[i].begin() + 1, passes[i].end());
  return out;
}

}  // namespace

RunState::RunState(const Request& request, const Passes& passes, int model_evaluations, Model& model,
                   RunPlugins plugins, SolverChoice solver, ProgressMonitor& watch, Finish finish)
    : request_(request),
      passes_(passes),
      use_{joined(passes), solver.entry.needs_unconditional},
      model_calls_(model_evaluations),
      device_(model.device()),
      solver_(solver),
      watch_(watch),
      finish_(std::move(finish)),
      plugins_(plugins),
      model_(watched(model, plugins.loader, origin_, watch)),
      images_(request.images) {}

template <class Sample>
at::Tensor RunState::noise_of(int image, at::IntArrayRef shape, Sample&& sample) {
  const auto noise_of_one = [&](int k, at::IntArrayRef one) {
    const uint64_t seed = request_.seed_of(k);
    const auto [source, is_new] = sources_.try_emplace(k, solver_.noise, seed, seed + request_.eta_noise_seed_delta);
    if (is_new && request_.variation_strength > 0)
      source->second.vary(request_.variation_seed.value_or(0) + uint64_t(k), request_.variation_strength);
    return sample(source->second, one);
  };
  if (shape.front() == 1) return noise_of_one(image, shape).to(device_);
  std::vector<int64_t> one = shape.vec();
  one.front() = 1;
  std::vector<at::Tensor> all;
  for (int k = image; k < image + int(shape.front()); ++k) all.push_back(noise_of_one(k, one));
  return at::cat(all).to(device_);
}

at::Tensor RunState::noise(int image, at::IntArrayRef shape) {
  const Returned asked(plugins_.pipeline, "noise");
  if (shape.size() < 2 || *std::min_element(shape.begin(), shape.end()) < 1)
    asked.fail("a shape of images, all of it above 0", "another");
  asked.range(image, shape.front(), request_.images);
  return noise_of(image, shape, [](NoiseSource& source, at::IntArrayRef one) { return source.sample(one); });
}

const at::Tensor& RunState::denoised(const at::Tensor& out, const at::Tensor& x) const {
  Returned(plugins_.pipeline, "denoise").tensor(out, x.sizes(), x.device());
  return out;
}

at::Tensor RunState::sample(Denoiser& denoiser, const at::Tensor& x, std::span<const double> sigmas, int image) {
  const Returned given(plugins_.pipeline, "sample");
  given.dense(x, 4, device_);
  given.range(image, x.size(0), request_.images);
  given.falling(sigmas);
  if (!is_finite(x)) given.fail("latents of finite numbers", "values that are no numbers");
  const SamplerInputs inputs{[&](const at::Tensor& latents, double sigma) {
                               const at::Tensor out = denoised(denoiser.denoise(latents, sigma), latents);
                               see(latents, out);
                               return out;
                             },
                             [&](double sigma, double next) {
                               return noise_of(image, x.sizes(), [&](NoiseSource& s, at::IntArrayRef one) {
                                 return s.between(sigma, next, one);
                               });
                             },
                             [&](const at::Tensor& latents, double sigma) {
                               const Guided out = denoiser.denoise_guided(latents, sigma);
                               Guided both{denoised(out.denoised, latents), denoised(out.unconditional, latents)};
                               see(latents, both.denoised);
                               return both;
                             }};
  const auto renoise = [&] {
    const at::Tensor out =
        noise_of(image, x.sizes(), [](NoiseSource& s, at::IntArrayRef one) { return s.sample_unvaried(one); });
    for (int k = image; k < image + int(x.size(0)); ++k) sources_.at(k).begin_path();
    return out;
  };
  at::Tensor latents;
  sums_.clear();
  const bool again = std::exchange(last_sampled_, image) == image;
  watch_.sampling({Phase::sample, first_ + image, images_, 0, model_calls_, 0}, again, device_, [&] {
    latents = run_pass_intervals(*solver_.sampler, solver_.entry, solver_.settings,
                                 pass_intervals(sigmas, solver_.restart), x, inputs, renoise);
  });
  if (!is_finite(latents)) fail_sampled();
  return latents;
}

void RunState::fail_sampled() const {
  for (const auto& [in, out] : sums_) {
    if (!is_finite(in)) break;
    if (is_finite(out)) continue;
    const std::string lower = ", or lower guidance_scale";
    fail_without_numbers(plugins_.loader, "latents hold", origin_,
                         origin_.dtype == "float32" ? ", smaller weights in the prompt" + lower : lower);
  }
  Returned(solver_.entry, "sample")
      .fail("latents of finite numbers", "values that are no numbers, from denoised ones that are");
}

at::Device RunState::device_of(const at::Tensor& finished) const {
  return finished.defined() && finished.is_cpu() ? at::Device(at::kCPU) : device_;
}

void RunState::finish(int index, const at::Tensor& image, const at::Tensor& latents) {
  const Returned given(plugins_.pipeline, "finish");
  given.range(index, 1, request_.images);
  if (!finished_.insert(index).second) given.fail("each image once", "image " + std::to_string(index) + " again");
  given.images(image, 1, device_of(image));
  given.dense(latents, 4, device_of(latents));
  if (latents.size(0) != 1) given.fail("the latents of one image", "those of " + std::to_string(latents.size(0)));
  if (!is_finite(latents)) given.fail("latents of finite numbers", "values that are no numbers");
  if (!is_finite(image)) fail_without_numbers(plugins_.loader, "decoded image holds", origin_);
  watch_.phase(Phase::write, at::kCPU, [&] { finish_(index, to_image(image), latents.to(at::kCPU)); });
  sources_.erase(index);
}

void RunState::check_finished() const {
  if (int(finished_.size()) != request_.images)
    Returned(plugins_.pipeline, "run")
        .fail(std::to_string(request_.images) + " finished images", std::to_string(finished_.size()));
}

}  // namespace calotype
