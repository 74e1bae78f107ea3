#pragma once
#include <calotype/image.h>

#include <cstdint>
#include <vector>

namespace calotype {

/// The rows of an image as a PNG packs them, [height][1 + 3 * width]: a filter's number, then what it leaves of the
/// row. For each row the filter that leaves the smallest sum of magnitudes, the first of them (PNG
/// specification, 12.7).
std::vector<uint8_t> png_rows(const Image& image);

}  // namespace calotype
