#pragma once
#include <calotype/image.h>

namespace calotype {

/// A part of an image, in pixels from its top left corner; its sides need not fall on pixels.
struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;
};

/// That part of the image at width x height, by a Lanczos filter of three lobes that grows with the reduction, so
/// that nothing aliases: what Pillow 13 gives, to the byte. Each pass rounds to 8 bits, as there. Alpha is left out.
Image lanczos(const Image& image, const Box& box, int width, int height);

}  // namespace calotype
