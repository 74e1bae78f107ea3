#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace calotype {

inline constexpr std::string_view kPngSignature("\x89PNG\r\n\x1a\n", 8);

struct PngChunk {
  std::string_view type, data;
  size_t at = 0;  ///< where it begins in the file
};

/// The chunks of a PNG up to IEND, whose lengths and checksums are as they should be.
/// Throws Error (bad_data): `name: not a PNG`, `name: PNG is cut short at byte 33`, `name: PNG is damaged at byte 33`.
std::vector<PngChunk> png_chunks(std::string_view bytes, const std::string& name);

/// Four bytes, the highest first.
uint32_t big_endian(std::string_view bytes);

}  // namespace calotype
