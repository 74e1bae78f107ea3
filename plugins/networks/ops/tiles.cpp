#include "networks/ops/tiles.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/var_mean.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

namespace calotype::networks {
namespace {

constexpr int64_t kLargestTile = 256, kRim = 1;

/// Rows or columns [begin,end) of a tile, and [first,last) with its rim.
struct Span {
  int64_t begin, end, first, last;
};

std::vector<Span> spans(int64_t size) {
  const int64_t count = tiles_along(size);
  std::vector<Span> out;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t begin = size * i / count, end = size * (i + 1) / count;
    out.push_back({begin, end, std::max<int64_t>(begin - kRim, 0), std::min(end + kRim, size)});
  }
  return out;
}

/// A view of rows and columns.
at::Tensor cut(const at::Tensor& x, int64_t top, int64_t bottom, int64_t left, int64_t right) {
  return x.narrow(2, top, bottom - top).narrow(3, left, right - left);
}

}  // namespace

int64_t tiles_along(int64_t size) {
  return std::min(size, std::max<int64_t>(2, (size + kLargestTile - 1) / kLargestTile));
}

at::Tensor in_tiles(const at::Tensor& x, int64_t scale, const TileBody& body, at::Tensor onto) {
  const bool adds = onto.defined();
  const at::MemoryFormat format = x.suggest_memory_format();
  for (const Span& rows : spans(x.size(2)))
    for (const Span& columns : spans(x.size(3))) {
      const at::Tensor whole = body(cut(x, rows.first, rows.last, columns.first, columns.last).contiguous(format));
      const int64_t top = (rows.begin - rows.first) * scale, left = (columns.begin - columns.first) * scale;
      const int64_t height = (rows.end - rows.begin) * scale, width = (columns.end - columns.begin) * scale;
      const at::Tensor inner = cut(whole, top, top + height, left, left + width);
      if (!onto.defined())
        onto = at::empty({x.size(0), whole.size(1), x.size(2) * scale, x.size(3) * scale},
                         whole.options().memory_format(format));
      at::Tensor place = cut(onto, rows.begin * scale, rows.end * scale, columns.begin * scale, columns.end * scale);
      if (adds)
        place.add_(inner);
      else
        place.copy_(inner);
    }
  return onto;
}

GroupStatistics group_statistics(const at::Tensor& x, int64_t groups) {
  GroupStatistics sum{at::zeros({x.size(0), groups}, x.options().dtype(at::kDouble)), {}};
  sum.variance = sum.mean.clone();
  double counted = 0;
  // each part's own mean and variance, joined: Chan, Golub and LeVeque 1979, equations 2.1
  for (const Span& rows : spans(x.size(2))) {
    const at::Tensor part = x.narrow(2, rows.begin, rows.end - rows.begin).to(at::kFloat).unflatten(1, {groups, -1});
    const double share = double(part.size(3)) / (counted + double(part.size(3)));
    const auto [variance, mean] = at::var_mean(part, at::IntArrayRef{2, 3, 4}, /*correction=*/at::Scalar(0));
    const at::Tensor step = mean.to(at::kDouble) - sum.mean;
    sum.variance = sum.variance * (1 - share) + variance.to(at::kDouble) * share + step * step * (share * (1 - share));
    sum.mean = sum.mean + step * share;
    counted += double(part.size(3));
  }
  return sum;
}

}  // namespace calotype::networks
