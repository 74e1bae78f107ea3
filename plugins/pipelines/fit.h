#pragma once
#include <calotype/request.h>

#include "lanczos.h"

namespace calotype {

/// Pixels of an image: [left, right) x [top, bottom).
struct Area {
  int left = 0, top = 0, right = 0, bottom = 0;
  int width() const { return right - left; }
  int height() const { return bottom - top; }
};

/// How an image comes to width x height: what of it is seen, and where.
struct Fit {
  Box source;   ///< of the image
  Area target;  ///< of the result; around it the border is filled
  int width = 0, height = 0;
};

Fit fit(int from_width, int from_height, int width, int height, Resize how);

/// The image so; the border has the nearest pixels.
Image fitted(const Image& image, const Fit& fit);

/// The pixels of that area, within the image.
Image cut(const Image& image, const Area& area);

}  // namespace calotype
