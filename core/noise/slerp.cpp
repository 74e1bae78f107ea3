// Shoemake 1985, "Animating rotation with quaternion curves", section 3.3: (sin((1-p) w) a + sin(p w) b) / sin(w),
// where w is the angle between a and b.
#include "noise/slerp.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/acos.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/sum.h>

#include <algorithm>

namespace calotype {
namespace {

at::Tensor of_length_one(const at::Tensor& x, int64_t axis) {
  return x / at::linalg_vector_norm(x, 2, axis, /*keepdim=*/true);
}

}  // namespace

at::Tensor slerp(double share, const at::Tensor& from, const at::Tensor& to) {
  const int64_t axis = std::min<int64_t>(2, from.dim() - 1);
  const at::Tensor cosine = (of_length_one(from, axis) * of_length_one(to, axis)).sum(axis, /*keepdim=*/true);
  // one number has no angle, and equal numbers would divide by 0; the bound is AUTOMATIC1111's
  constexpr double kParallel = 0.9995;
  if (from.size(axis) == 1 || cosine.mean().item<double>() > kParallel) return from * (1 - share) + to * share;
  const at::Tensor angle = at::acos(cosine), sine = at::sin(angle);
  return at::sin((1 - share) * angle) / sine * from + at::sin(share * angle) / sine * to;
}

}  // namespace calotype
