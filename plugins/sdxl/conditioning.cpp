#include "sdxl/conditioning.h"

#include <ATen/ops/tensor.h>

namespace calotype::sdxl {
namespace {

using namespace networks;

TimeIds ids(Size original, Size crop, Size target) {
  return {double(original.height), double(original.width), double(crop.height),
          double(crop.width),      double(target.height),  double(target.width)};
}

RefinersIds refiners(Size original, Size crop, double score) {
  return {double(original.height), double(original.width), double(crop.height), double(crop.width), score};
}

template <size_t n>
at::Tensor row(const std::array<double, n>& ids) {
  return at::tensor(at::ArrayRef<double>(ids), at::kFloat).unsqueeze(0);
}

/// The refiner's where there are as many as it reads.
at::Tensor sizes(const Request& request, bool is_negative, int64_t count) {
  if (count == int64_t(RefinersIds{}.size()))
    return row(is_negative ? negative_refiners_ids(request) : refiners_ids(request));
  return row(is_negative ? negative_time_ids(request) : time_ids(request));
}

constexpr std::array<TextEncoderRole, 2> kTextEncoders{{{.id = ComponentId::text_encoder,
                                                         .pad_token = "<|endoftext|>",
                                                         .activation = "quick_gelu",
                                                         .read = HiddenStates::before_last},
                                                        {.id = ComponentId::text_encoder_2,
                                                         .pad_token = "!",
                                                         .activation = "gelu",
                                                         .read = HiddenStates::before_last,
                                                         .is_second = true,
                                                         .gives_pooled = true}}};
/// A least-squares fit to what SDXL's autoencoder decodes, as ComfyUI publishes it (comfy/latent_formats.py, class
/// SDXL).
const LatentColors kColors{{{0.3651f, 0.4232f, 0.4341f},
                            {-0.2533f, -0.0042f, 0.1068f},
                            {0.1076f, 0.1111f, -0.0362f},
                            {-0.3165f, -0.2492f, -0.2188f}},
                           {0.1084f, -0.0175f, -0.0011f}};
constexpr FamilyConditioning kConditioning{.text_encoders = kTextEncoders, .sizes = sizes, .colors = &kColors};

}  // namespace

const FamilyConditioning& conditioning() {
  return kConditioning;
}

TimeIds time_ids(const SdxlRequest& request) {
  const Size image{request.height, request.width};
  return ids(request.original_size.value_or(image), request.crop.value_or(Size{}), request.target_size.value_or(image));
}

TimeIds negative_time_ids(const SdxlRequest& request) {
  if (!request.negative_original_size && !request.negative_target_size && !request.negative_crop)
    return time_ids(request);
  const Size image{request.height, request.width};
  return ids(request.negative_original_size.value_or(request.original_size.value_or(image)),
             request.negative_crop.value_or(Size{}),
             request.negative_target_size.value_or(request.target_size.value_or(image)));
}

RefinersIds refiners_ids(const SdxlRequest& request) {
  const Size image{request.height, request.width};
  return refiners(request.original_size.value_or(image), request.crop.value_or(Size{}), request.aesthetic_score);
}

RefinersIds negative_refiners_ids(const SdxlRequest& request) {
  const Size image{request.height, request.width};
  return refiners(request.negative_original_size.value_or(request.original_size.value_or(image)),
                  request.negative_crop.value_or(Size{}), request.negative_aesthetic_score);
}

}  // namespace calotype::sdxl
