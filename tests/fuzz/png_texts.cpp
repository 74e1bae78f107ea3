#include <zlib.h>

#include "base/utf8.h"
#include "image/png_metadata.h"
#include "target.h"

using namespace calotype;

namespace {

uint32_t number_at(const std::string& bytes, size_t at) {
  uint32_t out = 0;
  for (size_t i = 0; i < 4; ++i) out = out << 8 | static_cast<unsigned char>(bytes[at + i]);
  return out;
}

/// With the sums that its chunks should have, so that what is behind their check is reached.
std::string with_sums(std::string png) {
  constexpr size_t kSignature = 8, kAround = 12;
  for (size_t at = kSignature; at + kAround <= png.size();) {
    const size_t length = number_at(png, at);
    if (length > png.size() - at - kAround) break;
    const auto sum = uint32_t(crc32(0, reinterpret_cast<const Bytef*>(png.data()) + at + 4, uInt(length + 4)));
    for (size_t i = 0; i < 4; ++i) png[at + 8 + length + i] = char(sum >> (24 - 8 * i));
    at += kAround + length;
  }
  return png;
}

}  // namespace

CALOTYPE_FUZZ(png_texts) {
  const bool is_mended = !input.empty() && input.back() % 2;
  try {
    read_png_texts(is_mended ? with_sums(std::string(input)) : std::string(input), "a.png");
  } catch (const Error& e) {
    fuzz::check_error(e, "a.png");
  }
  const std::string text(input);
  if (text.empty() || text.find('\0') != text.npos || find_invalid_utf8(text) != text.npos) return;
  if (read_png_texts(encode_png({1, 1, {1, 2, 3}}, {{"k", text}}), "b.png").at("k") != text)
    fuzz::found("a text does not come back", text);
}
