#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace calotype {

inline constexpr std::string_view kPngSignature("\x89PNG\r\n\x1a\n", 8);

struct PngChunk {
  std::string_view type, data;
  size_t at = 0;  ///< position in the file
};

/// The chunks of a PNG up to IEND; their lengths and checksums are checked. Throws Error (bad_data): `name: not a PNG`,
/// `name: PNG is cut short at byte 33`, `name: PNG is damaged at byte 33`.
std::vector<PngChunk> png_chunks(std::string_view bytes, const std::string& name);

/// A number of four bytes, big-endian.
uint32_t big_endian(std::string_view bytes);

}  // namespace calotype
