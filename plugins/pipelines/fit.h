#pragma once
#include <calotype/request.h>

#include "keys.h"
#include "lanczos.h"

namespace calotype {

/// An area of an image in pixels: [left, right) x [top, bottom).
struct Area {
  int left = 0, top = 0, right = 0, bottom = 0;
  int width() const { return right - left; }
  int height() const { return bottom - top; }
};

/// How an image is brought to width x height.
struct Fit {
  Box source;   ///< the part of the image that is used
  Area target;  ///< its area in the result; padding fills the rest
  int width = 0, height = 0;
};

/// The fit for `how` of an image of from_width x from_height pixels.
Fit fit(int from_width, int from_height, int width, int height, Resize how);

/// Resizes an image; padding repeats the nearest pixels.
Image fitted(const Image& image, const Fit& fit);

/// The pixels of an area that lies within the image.
Image cut(const Image& image, const Area& area);

}  // namespace calotype
