#include "image/png_chunks.h"

#include <calotype/error.h>
#include <zlib.h>

namespace calotype {
namespace {

constexpr size_t kAround = 12;  // bytes of a chunk's length, type and checksum

uint32_t checksum(std::string_view s) {
  return uint32_t(crc32_z(0, reinterpret_cast<const Bytef*>(s.data()), s.size()));
}

}  // namespace

uint32_t big_endian(std::string_view s) {
  return uint32_t(uint8_t(s[0])) << 24 | uint32_t(uint8_t(s[1])) << 16 | uint32_t(uint8_t(s[2])) << 8 | uint8_t(s[3]);
}

std::vector<PngChunk> png_chunks(std::string_view bytes, const std::string& name) {
  const auto fail = [&](const std::string& what) { throw Error(ErrorCode::bad_data, name + ": " + what); };
  if (!bytes.starts_with(kPngSignature)) fail("not a PNG");
  std::vector<PngChunk> out;
  for (size_t at = kPngSignature.size();;) {
    if (bytes.size() - at < kAround) fail("PNG is cut short at byte " + std::to_string(at));
    const uint32_t length = big_endian(bytes.substr(at, 4));
    if (length > bytes.size() - at - kAround) fail("PNG is cut short at byte " + std::to_string(at));
    const PngChunk chunk{bytes.substr(at + 4, 4), bytes.substr(at + 8, length), at};
    if (checksum(bytes.substr(at + 4, 4 + size_t(length))) != big_endian(bytes.substr(at + 8 + length)))
      fail("PNG is damaged at byte " + std::to_string(at));
    out.push_back(chunk);
    if (chunk.type == "IEND") return out;
    at += kAround + size_t(length);
  }
}

}  // namespace calotype
