#pragma once
#include <algorithm>
#include <string>
#include <string_view>

namespace calotype::networks {

/// Text from a file as an error may show it: in quotes, control characters as \x0a, cut after `longest` bytes (never
/// inside a character).
inline std::string quote(std::string_view text, size_t longest = 64) {
  constexpr std::string_view kHex = "0123456789abcdef";
  size_t end = std::min(text.size(), longest);
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  std::string out = "\"";
  for (const unsigned char c : text.substr(0, end)) {
    if (c < 0x20 || c == 0x7F)
      (out += "\\x") += {kHex[c >> 4], kHex[c & 15]};
    else
      out += static_cast<char>(c);
  }
  return out + (end < text.size() ? "..." : "") + "\"";
}

}  // namespace calotype::networks
