#pragma once
#include <calotype/image.h>

namespace calotype {

/// A part of an image, in pixels from its top left corner; its sides may lie between pixels.
struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;
};

/// Resizes this part of an image to width x height with a Lanczos filter of three lobes. The filter widens when the
/// image shrinks, so that nothing aliases. The result equals Pillow 13's to the byte; each direction rounds to 8 bits,
/// as there. Alpha is dropped.
Image lanczos(const Image& image, const Box& box, int width, int height);

}  // namespace calotype
