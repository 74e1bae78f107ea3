#include "base/utf8.h"

#include <algorithm>

namespace calotype {
namespace {

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

/// The number of bytes of the character at the start of `text`; 0 if there is none.
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

/// The code point of a character of `size` bytes.
char32_t code_point(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes[0]);
  char32_t out = bytes.size() == 1 ? first : first & (0x7f >> bytes.size());
  for (const char c : bytes.substr(1)) out = out << 6 | (static_cast<unsigned char>(c) & 0x3f);
  return out;
}

/// Whether a terminal may react to it instead of showing it, or show the following text elsewhere.
bool is_control(char32_t c) {
  const bool is_direction =
      c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x206f);
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || is_direction || c == 0x2028 || c == 0x2029 || c == 0xfeff ||
         (c >= 0xfff9 && c <= 0xfffb);
}

std::string hex(char32_t value, int digits) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += kHex[value >> shift & 15];
  return out;
}

std::string json_escape(char32_t c) {
  return "\\u" + hex(c, 4);
}

std::string byte_escape(char32_t c) {
  if (c == '\n') return "\\n";
  if (c == '\t') return "\\t";
  return c < 0x100 ? "\\x" + hex(c, 2) : json_escape(c);
}

/// A byte that belongs to no character goes to `escape` as if it were one.
std::string escaped(std::string_view text, std::string_view kept, std::string (*escape)(char32_t),
                    bool keeps_bytes = false) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t size = character(text.substr(at));
    const char32_t c = size ? code_point(text.substr(at, size)) : static_cast<unsigned char>(text[at]);
    const bool is_kept = size ? !is_control(c) || (c < 0x80 && kept.find(char(c)) != kept.npos) : keeps_bytes;
    if (is_kept)
      out += text.substr(at, std::max<size_t>(size, 1));
    else
      out += escape(c);
    at += std::max<size_t>(size, 1);
  }
  return out;
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

std::string printable(std::string_view text) {
  return escaped(text, "\n\t", byte_escape);
}

std::string printable_line(std::string_view text) {
  return escaped(text, "", byte_escape);
}

std::string printable_path(std::string_view path) {
  return escaped(path, "", byte_escape, true);
}

std::string one_line(std::string_view text) {
  const auto kept = cut_utf8(text, 60);
  return kept.size() < text.size() ? printable_line(kept) + "..." : printable_line(kept);
}

std::string printable_json(std::string_view json) {
  return escaped(json, "\n\t", json_escape);
}

}  // namespace calotype
