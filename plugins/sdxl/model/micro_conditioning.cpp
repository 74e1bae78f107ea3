#include "model/micro_conditioning.h"

namespace calotype::sdxl {
namespace {

TimeIds ids(Size original, Size crop, Size target) {
  return {double(original.height), double(original.width), double(crop.height),
          double(crop.width),      double(target.height),  double(target.width)};
}

RefinersIds refiners(Size original, Size crop, double score) {
  return {double(original.height), double(original.width), double(crop.height), double(crop.width), score};
}

}  // namespace

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
