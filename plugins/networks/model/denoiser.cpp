#include "networks/model/denoiser.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <calotype/error.h>

#include <cmath>

#include "networks/kernels/cuda_latents.h"
#include "networks/kernels/cuda_ops.h"

namespace calotype::networks {
UnetDenoiser::UnetDenoiser(UnetSource unet, ConditioningSchedule conditioning, ModelSigmas levels, Settings settings,
                           at::Tensor extra)
    : unet_(std::move(unet)),
      conditioning_(std::move(conditioning)),
      levels_(levels),
      settings_(std::move(settings)),
      extra_(std::move(extra)),
      deep_(settings_.deep_cache, settings_.sigmas) {
  if (!settings_.guidance.is_always() && settings_.sigmas.size() < 2)
    throw Error(ErrorCode::internal, "sigmas: want the sigmas of the steps, for guidance in a part of them, got none");
}

at::Tensor UnetDenoiser::denoise(const at::Tensor& x, double sigma) {
  return denoise_one_by_one(x, sigma, false).denoised;
}

Guided UnetDenoiser::denoise_guided(const at::Tensor& x, double sigma) {
  return denoise_one_by_one(x, sigma, true);
}

Guided UnetDenoiser::denoise_one_by_one(const at::Tensor& x, double sigma, bool both) {
  // a product of another size rounds differently, and on the CPU a larger one saves no time
  if (x.size(0) == 1 || !x.is_cpu()) return denoise_at_once(x, sigma, 0, both);
  std::vector<at::Tensor> denoised, unconditional;
  for (const at::Tensor& one : x.split(1)) {
    const Guided each = denoise_at_once(one, sigma, denoised.size(), both);
    denoised.push_back(each.denoised), unconditional.push_back(each.unconditional);
  }
  return {at::cat(denoised), both ? at::cat(unconditional) : at::Tensor()};
}

at::Tensor UnetDenoiser::evaluated(const at::Tensor& input, double sigma, double time,
                                   const Unet::Conditioning& conditioning, at::Tensor* deep) {
  UnetGraphs* graphs = settings_.graphs.get();
  if (!graphs) return unet_()(input, time, conditioning, deep);
  if (sigma > last_sigma_) pass_ = graphs->new_pass();  // where noise rises the next image begins
  last_sigma_ = sigma;
  return (*graphs)(unet_(), input, time, conditioning, deep, {settings_.cuda_graphs, pass_});
}

at::Tensor UnetDenoiser::shown(const at::Tensor& x, double deviation, int64_t copies,
                               const at::TensorOptions& like) const {
  const at::ScalarType type = c10::typeMetaToScalarType(like.dtype());
  if (has_cuda_kernels(x) && !extra_.defined()) return cuda_scaled(x, 1 / deviation, copies, type);
  at::Tensor input = (x / deviation).to(type);
  if (extra_.defined()) input = at::cat({input, extra_.to(type).expand({x.size(0), -1, -1, -1})}, 1);
  return copies == 1 ? input : at::cat({input, input});
}

const Unet::Conditioning& UnetDenoiser::conditioning_at(double sigma) {
  const Unet::Conditioning& all = conditioning_.at(sigma);
  if (all.context.encoded.size(0) == 1 || settings_.guidance.is_at(sigma, settings_.sigmas)) return all;
  const auto [place, is_new] = positive_.try_emplace(&all);
  if (is_new) place->second = all.changed([](const at::Tensor& rows) { return rows.narrow(0, 1, 1); });
  return place->second;
}

const Unet::Conditioning& UnetDenoiser::repeated(const Unet::Conditioning& one, int64_t count) {
  if (count == 1) return one;
  const auto [place, is_new] = repeated_.try_emplace({&one, count});
  if (is_new) place->second = one.changed([count](const at::Tensor& rows) { return rows.repeat_interleave(count, 0); });
  return place->second;
}

Guided UnetDenoiser::denoise_at_once(const at::Tensor& x, double sigma, size_t part, bool both) {
  const at::NoGradGuard no_grad;
  const int64_t count = x.size(0);
  const Unet& unet = unet_();
  const double data = settings_.sigma_data;
  double time = levels_.timestep(sigma);
  if (settings_.round_timesteps) time = std::nearbyint(time);
  if (settings_.time_is_sigma) time = 0.25 * std::log(sigma);
  const Unet::Conditioning& one = both ? conditioning_.at(sigma) : conditioning_at(sigma);
  if (both && one.context.encoded.size(0) == 1)
    throw Error(
        ErrorCode::config,
        "sampler: it wants the estimate for the negative prompt alone, which a model that was distilled with guidance "
        "inside does not give");
  const Unet::Conditioning& conditioning = repeated(one, count);
  const bool guide = one.context.encoded.size(0) == 2;
  const at::Tensor input = shown(x, std::sqrt(sigma * sigma + data * data), guide ? 2 : 1, unet.options());
  at::Tensor* deep = deep_.at(sigma, conditioning, part);
  at::Tensor output = evaluated(input, sigma, time, conditioning, deep);
  if (has_cuda_kernels(x) && settings_.guidance.rescale == 0 && !both) {
    const auto [of_x, of_output] = clean_parts(sigma, settings_.prediction, data);
    return {cuda_denoised(x, output, of_x, of_output, guide ? std::optional(settings_.guidance.scale) : std::nullopt),
            {}};
  }
  output = output.to(at::kFloat);
  const auto clean = [&](const at::Tensor& predicted) {
    return denoised(x, predicted, sigma, settings_.prediction, data);
  };
  if (!guide) return {clean(output), {}};
  const at::Tensor negative = output.narrow(0, 0, count), positive = output.narrow(0, count, count);
  const bool is_guided = settings_.guidance.is_at(sigma, settings_.sigmas);
  return {clean(is_guided ? guided(negative, positive, settings_.guidance) : positive),
          both ? clean(negative) : at::Tensor()};
}

}  // namespace calotype::networks
