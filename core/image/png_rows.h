#pragma once
#include <calotype/image.h>

#include <cstdint>
#include <vector>

namespace calotype {

/// The rows of an image as a PNG packs them, [height][1 + 3 * width]: the filter's number, then the filtered row. Each
/// row has the filter with the smallest sum of magnitudes, the first of several (PNG specification, 12.7).
std::vector<uint8_t> png_rows(const Image& image);

}  // namespace calotype
