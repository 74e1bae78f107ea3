#include "image/decode_base64.h"

#include <calotype/error.h>

#include <cstdint>
#include <optional>

namespace calotype {
namespace {

constexpr size_t kMaxText = size_t(32) << 20;

/// The six bits of a digit; nothing if it is not one.
std::optional<uint32_t> digit(char c) {
  if (c >= 'A' && c <= 'Z') return uint32_t(c - 'A');
  if (c >= 'a' && c <= 'z') return uint32_t(c - 'a') + 26;
  if (c >= '0' && c <= '9') return uint32_t(c - '0') + 52;
  if (c == '+') return 62u;
  if (c == '/') return 63u;
  return std::nullopt;
}

/// ASCII white space: programs break lines in base64, and YAML's block scalars end with a line break.
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

}  // namespace

std::string decode_base64(std::string_view text, const std::string& name) {
  const auto fail = [&](const std::string& what) { throw Error(ErrorCode::bad_data, name + ": " + what); };
  if (text.size() > kMaxText)
    fail("want at most " + std::to_string(kMaxText) + " characters of base64, got " + std::to_string(text.size()));
  size_t padding = 0, characters = 0;
  for (; !text.empty() && (is_space(text.back()) || (text.back() == '=' && padding < 2)); text.remove_suffix(1))
    if (text.back() == '=') ++padding;
  std::string out;
  out.reserve(text.size() / 4 * 3 + 3);
  uint32_t bits = 0;
  const auto add = [&](uint32_t value) {
    bits = bits << 6 | value;
    if (++characters % 4 == 0) out += {char(bits >> 16), char(bits >> 8), char(bits)};
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_space(text[i])) continue;
    const auto value = digit(text[i]);
    if (!value) fail("base64: character " + std::to_string(i + 1) + " is none of it");
    add(*value);
  }
  for (size_t i = 0; i < padding; ++i) add(0);
  if (characters == 0 || characters % 4)
    fail("want a multiple of 4 characters of base64, got " + std::to_string(characters));
  if (padding && (bits & (padding == 2 ? 0xffffu : 0xffu))) fail("base64: bits are left over at its end");
  out.resize(out.size() - padding);
  return out;
}

}  // namespace calotype
