#include "networks/components/token_merging.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/argsort.h>
#include <ATen/ops/baddbmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/max.h>

#include <algorithm>

namespace calotype::networks {
namespace {

/// Places of every second row and column from `row` and `column` on.
at::Tensor every_second(int64_t row, int64_t column, int64_t height, int64_t width, const at::TensorOptions& options) {
  const at::Tensor rows = at::arange(row, height, 2, options), columns = at::arange(column, width, 2, options);
  return (rows.unsqueeze(1) * width + columns).flatten();
}

/// positions [N,T] of each image as rows of all of them.
at::Tensor as_rows(const at::Tensor& places, int64_t of_one) {
  return (places + at::arange(places.size(0), places.options()).unsqueeze(1) * of_one).flatten();
}

}  // namespace

TokenMerging::TokenMerging(const at::Tensor& x, int64_t height, int64_t width, double ratio) {
  const int64_t count = x.size(0), all = height * width;
  const auto options = x.options().dtype(at::kLong);
  const auto places = [&](int64_t row, int64_t column) { return every_second(row, column, height, width, options); };
  const at::Tensor stay = places(0, 0), others = at::cat({places(0, 1), places(1, 0), places(1, 1)});
  staying_ = stay.numel();
  const int64_t merged = std::min(int64_t(ratio * double(all)), others.numel());
  alone_ = others.numel() - merged;

  const at::Tensor unit = x / at::linalg_vector_norm(x, 2, {-1}, /*keepdim=*/true).clamp_min(1e-6);
  const at::Tensor alike = at::matmul(unit.index_select(1, others), unit.index_select(1, stay).transpose(1, 2));
  const auto [most, nearest] = at::max(alike, -1);  // [N,others]
  const at::Tensor order = at::argsort(most, /*stable=*/true, -1);
  const at::Tensor gone = order.narrow(1, alone_, merged), target = nearest.gather(1, gone);

  const at::Tensor alone = others.index({order.narrow(1, 0, alone_)});
  const at::Tensor in_order = at::cat({alone, stay.expand({count, -1}), others.index({gone})}, 1);
  const at::Tensor first = at::arange(alone_ + staying_, options).expand({count, -1});
  order_ = as_rows(in_order, all);
  rows_ =
      as_rows(at::empty_like(in_order).scatter_(1, in_order, at::cat({first, target + alone_}, 1)), alone_ + staying_);
  into_ = target.unsqueeze(1).eq(at::arange(staying_, options).view({1, -1, 1})).to(x.scalar_type());
  shares_ = into_.sum(-1, /*keepdim=*/true, at::kFloat).add(1).reciprocal().to(x.scalar_type());
}

at::Tensor TokenMerging::merged(const at::Tensor& x) const {
  const at::Tensor in_order = x.flatten(0, 1).index_select(0, order_).view(x.sizes());
  const at::Tensor gone = in_order.narrow(1, alone_ + staying_, into_.size(2));
  const at::Tensor sums = at::baddbmm(in_order.narrow(1, alone_, staying_), into_, gone);
  return at::cat({in_order.narrow(1, 0, alone_), sums * shares_}, 1);
}

at::Tensor TokenMerging::spread(const at::Tensor& y) const {
  return y.flatten(0, 1).index_select(0, rows_).view({y.size(0), -1, y.size(2)});
}

}  // namespace calotype::networks
