#pragma once
#include <cstdint>
#include <vector>

namespace calotype {

/// 8-bit RGB, rows from the top, no padding: height * width * 3 bytes.
struct Image {
  int width = 0, height = 0;
  std::vector<uint8_t> rgb;
};

}  // namespace calotype
