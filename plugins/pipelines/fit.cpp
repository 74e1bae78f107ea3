#include "fit.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace calotype {

Fit fit(int from_width, int from_height, int width, int height, Resize how) {
  const double wide = double(width) / from_width, high = double(height) / from_height;
  Fit out{{0, 0, double(from_width), double(from_height)}, {0, 0, width, height}, width, height};
  if (how == Resize::crop) {
    const double scale = std::max(wide, high);
    const double left = (from_width - width / scale) / 2, top = (from_height - height / scale) / 2;
    if (wide < high) out.source.left = left, out.source.right = from_width - left;
    if (high < wide) out.source.top = top, out.source.bottom = from_height - top;
  }
  if (how == Resize::pad) {
    const double scale = std::min(wide, high);
    const int w = std::max(int(std::lround(from_width * scale)), 1),
              h = std::max(int(std::lround(from_height * scale)), 1);
    const int left = (width - w) / 2, top = (height - h) / 2;
    out.target = {left, top, left + w, top + h};
  }
  return out;
}

Image fitted(const Image& image, const Fit& fit) {
  const Area& inner = fit.target;
  Image seen = lanczos(image, fit.source, inner.width(), inner.height());
  if (inner.width() == fit.width && inner.height() == fit.height) return seen;
  Image out{fit.width, fit.height, std::vector<uint8_t>(size_t(fit.width) * size_t(fit.height) * 3)};
  uint8_t* to = out.rgb.data();
  for (int y = 0; y < fit.height; ++y)
    for (int x = 0; x < fit.width; ++x, to += 3) {
      const int from_x = std::clamp(x - inner.left, 0, inner.width() - 1),
                from_y = std::clamp(y - inner.top, 0, inner.height() - 1);
      std::memcpy(to, &seen.rgb[(size_t(from_y) * size_t(inner.width()) + size_t(from_x)) * 3], 3);
    }
  return out;
}

Image cut(const Image& image, const Area& area) {
  Image out{area.width(), area.height(), {}};
  for (int y = area.top; y < area.bottom; ++y) {
    const auto row = image.rgb.begin() + (std::ptrdiff_t(y) * image.width + area.left) * 3;
    out.rgb.insert(out.rgb.end(), row, row + std::ptrdiff_t(area.width()) * 3);
  }
  return out;
}

}  // namespace calotype
