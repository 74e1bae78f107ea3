#include "masked_image.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/replication_pad2d.h>
#include <calotype/error.h>
#include <calotype/image_tensor.h>

#include <algorithm>
#include <cmath>

namespace calotype {
namespace {

/// The given mask, else the image's transparency.
Image mask_of(const Request& request) {
  if (request.mask) return *request.mask;
  const Image& image = *request.image;
  if (image.alpha.empty())
    throw Error(ErrorCode::config, "mask: want one, or an image with transparent areas, got neither");
  Image out{image.width, image.height, {}};
  for (const uint8_t alpha : image.alpha) out.rgb.insert(out.rgb.end(), 3, uint8_t(255 - alpha));
  return out;
}

/// 1 where the mask is at least middle gray, with Pillow's weights of red, green and blue: [1,1,H,W].
at::Tensor binary(const Image& mask) {
  const at::Tensor rgb = to_tensor(mask);
  return (rgb.select(1, 0) * 0.299 + rgb.select(1, 1) * 0.587 + rgb.select(1, 2) * 0.114)
      .ge(0.5)
      .to(at::kFloat)
      .unsqueeze(1);
}

/// The smallest area that contains the whole mask.
Area area_of(const at::Tensor& mask) {
  const at::Tensor columns = mask.amax({0, 1, 2}).nonzero().flatten(), rows = mask.amax({0, 1, 3}).nonzero().flatten();
  if (rows.numel() == 0)
    throw Error(ErrorCode::config, "mask: want white where the image is to be regenerated, got none");
  const auto at = [](const at::Tensor& t, int64_t i) { return int(t[i].item<int64_t>()); };
  return {at(columns, 0), at(rows, 0), at(columns, -1) + 1, at(rows, -1) + 1};
}

/// Widens [from, to) to `size` pixels and moves it into [0, all).
void widen(int& from, int& to, int size, int all) {
  size = std::min(size, all);
  from = std::clamp((from + to - size) / 2, 0, all - size);
  to = from + size;
}

/// Adds `padding` on each side, then widens the area to the shape of width x height as far as the image allows.
Area widened(Area area, int padding, const Image& in, int width, int height) {
  area = {std::max(area.left - padding, 0), std::max(area.top - padding, 0), std::min(area.right + padding, in.width),
          std::min(area.bottom + padding, in.height)};
  const double shape = double(width) / height;
  const int wide = std::max(area.width(), int(std::lround(area.height() * shape)));
  const int high = std::max(area.height(), int(std::lround(area.width() / shape)));
  widen(area.left, area.right, wide, in.width);
  widen(area.top, area.bottom, high, in.height);
  return area;
}

/// A Gaussian blur with this deviation in pixels; borders are repeated.
at::Tensor blurred(const at::Tensor& mask, int deviation) {
  if (deviation == 0) return mask;
  const int64_t radius = int64_t(deviation) * 3;
  at::Tensor kernel = at::arange(-radius, radius + 1, at::kFloat).square().div(-2.0 * deviation * deviation).exp();
  kernel = kernel / kernel.sum();
  const at::Tensor padded = at::replication_pad2d(mask, {radius, radius, radius, radius});
  return at::conv2d(at::conv2d(padded, kernel.view({1, 1, 1, -1})), kernel.view({1, 1, -1, 1})).clamp(0, 1);
}

at::Tensor within(const at::Tensor& image, const Area& area) {
  return image.slice(2, area.top, area.bottom).slice(3, area.left, area.right);
}

/// Masks the padding around an image, because nothing of it was in the image.
void mark_border(at::Tensor& mask, const Area& seen) {
  const at::Tensor inner = within(mask, seen).clone();
  mask = at::ones(mask.sizes());
  within(mask, seen).copy_(inner);
}

}  // namespace

MaskedImage::MaskedImage(const Request& request) {
  const Image mask = mask_of(request);
  const int width = request.width, height = request.height;
  if (!request.options.is_on(kOnlyMasked)) {
    const Fit how = fit(mask.width, mask.height, width, height, resize_of(request));
    image_ = to_tensor(fitted(*request.image, how));
    mask_ = binary(fitted(mask, how));
    mark_border(mask_, how.target);
    area_of(mask_);
    return;
  }
  const at::Tensor whole_mask = binary(mask);
  area_ = widened(area_of(whole_mask), request.options.integer(kMaskPadding), mask, width, height);
  fit_ = fit(area_->width(), area_->height(), width, height, Resize::pad);
  image_ = to_tensor(fitted(cut(*request.image, *area_), fit_));
  mask_ = binary(fitted(cut(mask, *area_), fit_));
  whole_ = to_tensor(*request.image);
  weight_ = within(blurred(whole_mask, request.options.integer(kMaskBlur)), *area_);
}

at::Tensor MaskedImage::finished(const at::Tensor& generated) const {
  if (!area_) return generated;
  const Image seen = cut(to_image(generated), fit_.target);
  const Image patch = lanczos(seen, {0, 0, double(seen.width), double(seen.height)}, area_->width(), area_->height());
  at::Tensor out = whole_.clone(), patched = within(out, *area_);
  patched.copy_(patched * (1 - weight_) + to_tensor(patch) * weight_);
  return out;
}

}  // namespace calotype
