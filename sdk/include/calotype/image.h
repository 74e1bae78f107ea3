#pragma once
#include <cstdint>
#include <vector>

namespace calotype {

/// 8-bit RGB, rows from the top, no padding: height * width * 3 bytes.
struct Image {
  int width = 0, height = 0;
  std::vector<uint8_t> rgb;
  std::vector<uint8_t>
      alpha{};  ///< of an image that was read: height * width bytes, 0 where it is transparent; empty: nowhere
};

}  // namespace calotype
