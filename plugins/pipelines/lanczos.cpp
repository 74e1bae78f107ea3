// Duchon 1979, "Lanczos filtering in one and two dimensions": sinc(x) sinc(x/3) for |x| < 3.
#include "lanczos.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <numeric>

namespace calotype {
namespace {

constexpr double kLobes = 3;

double sinc(double x) {
  return x == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
}
double kernel(double x) {
  return std::abs(x) < kLobes ? sinc(x) * sinc(x / kLobes) : 0;
}

constexpr int kBits = 22;  // bits of a weight's fraction, as in Pillow, so that both round alike

/// One pixel of the result: weights of the pixels from `first` on, whose sum is 1 << kBits.
struct Mix {
  int first = 0;
  std::vector<int32_t> weights;
};

/// The mixes of `size` pixels over [from, to) of a row of `pixels`.
std::vector<Mix> mixes(int pixels, double from, double to, int size) {
  const double scale = (to - from) / size, wider = std::max(scale, 1.0), support = kLobes * wider;
  std::vector<Mix> out(static_cast<size_t>(size));
  for (int i = 0; i < size; ++i) {
    const double center = from + (i + 0.5) * scale;
    Mix& mix = out[size_t(i)];
    mix.first = std::max(int(center - support + 0.5), 0);
    const int end = std::min(int(center + support + 0.5), pixels);
    std::vector<double> weights;
    for (int k = mix.first; k < end; ++k) weights.push_back(kernel((k - center + 0.5) / wider));
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (const double weight : weights) mix.weights.push_back(int32_t(std::lround(weight / sum * (1 << kBits))));
  }
  return out;
}

constexpr int32_t kHalf = 1 << (kBits - 1);
uint8_t rounded(int32_t sum) {
  return uint8_t(std::clamp(sum >> kBits, 0, 255));
}

Image resized_rows(const Image& in, const std::vector<Mix>& columns) {
  Image out{int(columns.size()), in.height, std::vector<uint8_t>(columns.size() * size_t(in.height) * 3)};
  uint8_t* to = out.rgb.data();
  for (int y = 0; y < in.height; ++y)
    for (const Mix& mix : columns) {
      const uint8_t* from = &in.rgb[(size_t(y) * size_t(in.width) + size_t(mix.first)) * 3];
      int32_t sum[3]{kHalf, kHalf, kHalf};
      for (const int32_t weight : mix.weights)
        for (int32_t& s : sum) s += weight * *from++;
      for (const int32_t s : sum) *to++ = rounded(s);
    }
  return out;
}

Image resized_columns(const Image& in, const std::vector<Mix>& rows) {
  const size_t stride = size_t(in.width) * 3;
  Image out{in.width, int(rows.size()), std::vector<uint8_t>(stride * rows.size())};
  std::vector<int32_t> sum(stride);
  for (size_t y = 0; y < rows.size(); ++y) {
    std::fill(sum.begin(), sum.end(), kHalf);
    for (size_t k = 0; k < rows[y].weights.size(); ++k) {
      const uint8_t* from = &in.rgb[(size_t(rows[y].first) + k) * stride];
      for (size_t i = 0; i < stride; ++i) sum[i] += rows[y].weights[k] * from[i];
    }
    std::transform(sum.begin(), sum.end(), out.rgb.begin() + std::ptrdiff_t(y * stride), rounded);
  }
  return out;
}

}  // namespace

Image lanczos(const Image& image, const Box& box, int width, int height) {
  const bool same_columns = box.left == 0 && box.right == image.width && width == image.width;
  const bool same_rows = box.top == 0 && box.bottom == image.height && height == image.height;
  const auto columns = [&](const Image& in) {
    return same_columns ? Image{in.width, in.height, in.rgb}
                        : resized_rows(in, mixes(image.width, box.left, box.right, width));
  };
  const auto rows = [&](const Image& in) {
    return same_rows ? Image{in.width, in.height, in.rgb}
                     : resized_columns(in, mixes(image.height, box.top, box.bottom, height));
  };
  // Pillow's order, found by trying a thousand sizes; the other order differs by 1 or 2
  const bool rows_first = height < image.height && image.height - height > 2 * (image.width - width);
  return rows_first ? columns(rows(image)) : rows(columns(image));
}

}  // namespace calotype
