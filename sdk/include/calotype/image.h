#pragma once
#include <cstdint>
#include <vector>

namespace calotype {

/// An image of 8-bit RGB: height * width * 3 bytes, rows from the top, no padding.
struct Image {
  int width = 0, height = 0;
  std::vector<uint8_t> rgb;
  std::vector<uint8_t> alpha{};  ///< transparency of an image that was read from a file: height * width bytes, 0 is
                                 ///< transparent; empty: opaque everywhere
};

}  // namespace calotype
