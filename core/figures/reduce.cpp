#include <calotype/error.h>

#include <algorithm>

#include "figures/sheets.h"

#define STB_IMAGE_RESIZE_IMPLEMENTATION
#define STB_IMAGE_RESIZE_STATIC
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image_resize.h>
#pragma GCC diagnostic pop

namespace calotype::figures {

SheetImage reduce(SheetImage from, int longer_side) {
  const double scale = double(longer_side) / std::max(from.width, from.height);
  if (scale >= 1) return from;
  SheetImage to{std::max(int(from.width * scale + 0.5), 1), std::max(int(from.height * scale + 0.5), 1), {}};
  to.pixels.resize(size_t(to.width) * size_t(to.height) * 3);
  if (!stbir_resize_uint8_srgb(from.pixels.data(), from.width, from.height, 0, to.pixels.data(), to.width, to.height, 0,
                               3, STBIR_ALPHA_CHANNEL_NONE, 0))
    throw Error(ErrorCode::out_of_memory, "out of memory: an image cannot be made smaller");
  return to;
}

}  // namespace calotype::figures
