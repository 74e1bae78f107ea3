#include "utf8.h"

#include <algorithm>

namespace calotype {
namespace {

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

/// Bytes of the character that starts at `text`, 0 where none does.
size_t character(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  const size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
  for (size_t i = 1; i < size; ++i)
    if (!continues(text[i])) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool outside = (first == 0xed && second > 0x9f) || (first == 0xf4 && second > 0x8f);
  return overlong || outside ? 0 : size;
}

}  // namespace

size_t find_invalid_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t size = character(text.substr(at));
    if (!size) return at;
    at += size;
  }
  return std::string_view::npos;
}

std::string_view cut_utf8(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes && continues(text[bytes])) --bytes;
  return text.substr(0, bytes);
}

std::string one_line(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  const auto kept = cut_utf8(text, 60);
  std::string out;
  for (size_t at = 0; at < kept.size();) {
    const size_t size = character(kept.substr(at));
    const auto byte = static_cast<unsigned char>(kept[at]);
    if (byte == '\n')
      out += "\\n";
    else if (byte == '\t')
      out += "\\t";
    else if (byte < 0x20 || byte == 0x7f || !size)
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    else
      out += kept.substr(at, size);
    at += std::max<size_t>(size, 1);
  }
  return kept.size() < text.size() ? out + "..." : out;
}

}  // namespace calotype
