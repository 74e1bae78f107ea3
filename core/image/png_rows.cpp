#include "image/png_rows.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace calotype {
namespace {

constexpr size_t kPixel = 3;
enum Filter : uint8_t { kNone, kSub, kUp, kAverage, kPaeth, kFilters };

/// The prediction from the pixels left, above, and upper left; PNG specification, 9.2.
template <Filter filter>
int16_t predicted(int16_t left, int16_t above, int16_t corner) {
  if constexpr (filter == kNone) return 0;
  if constexpr (filter == kSub) return left;
  if constexpr (filter == kUp) return above;
  if constexpr (filter == kAverage) return int16_t((left + above) >> 1);
  const auto to_left = int16_t(std::abs(above - corner)), to_above = int16_t(std::abs(left - corner)),
             to_corner = int16_t(std::abs(left + above - 2 * corner));
  const int16_t other = to_above <= to_corner ? above : corner;
  return to_left <= std::min(to_above, to_corner) ? left : other;
}

/// Filters a row and returns the sum of magnitudes. One more pixel precedes this row and the row above it. It has no
/// branches, so that it can be vectorized.
template <Filter filter>
uint32_t apply(const uint8_t* row, const uint8_t* above, size_t count, uint8_t* __restrict out) {
  uint32_t sum = 0;
  const uint8_t *before = row - kPixel, *above_before = above - kPixel;
  for (size_t i = 0; i < count; ++i) {
    const auto left = uint8_t(row[i] - predicted<filter>(before[i], above[i], above_before[i]));
    out[i] = left;
    sum += std::min(left, uint8_t(-left));
  }
  return sum;
}

}  // namespace

std::vector<uint8_t> png_rows(const Image& image) {
  const size_t count = size_t(image.width) * kPixel;
  std::vector<uint8_t> out;
  out.reserve((1 + count) * size_t(image.height));
  // pixels left of the image and above it count as zero
  std::vector<uint8_t> above(kPixel + count), row(kPixel + count);
  std::array<std::vector<uint8_t>, kFilters> tried;
  for (auto& bytes : tried) bytes.resize(count);
  for (int y = 0; y < image.height; ++y) {
    std::copy_n(image.rgb.begin() + int64_t(count) * y, count, row.begin() + kPixel);
    const uint8_t *x = row.data() + kPixel, *up = above.data() + kPixel;
    const std::array<uint32_t, kFilters> sums{
        apply<kNone>(x, up, count, tried[kNone].data()), apply<kSub>(x, up, count, tried[kSub].data()),
        apply<kUp>(x, up, count, tried[kUp].data()), apply<kAverage>(x, up, count, tried[kAverage].data()),
        apply<kPaeth>(x, up, count, tried[kPaeth].data())};
    const auto best = size_t(std::min_element(sums.begin(), sums.end()) - sums.begin());
    out.push_back(uint8_t(best));
    out.insert(out.end(), tried[best].begin(), tried[best].end());
    row.swap(above);
  }
  return out;
}

}  // namespace calotype
