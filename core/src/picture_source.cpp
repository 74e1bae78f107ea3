#include "picture_source.h"

#include <calotype/file_kind.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "file.h"
#include "image_io.h"
#include "read_value.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMaxFile = size_t(256) << 20, kMaxText = size_t(32) << 20, kMaxPath = 4095;

bool is_data_uri(std::string_view text) {
  return text.starts_with("data:");
}

/// Of a PNG's, a JPEG's or a WebP's first bytes: no file is called so.
bool is_base64(std::string_view text) {
  return text.starts_with("iVBORw0KGgo") || text.starts_with("/9j/") || text.starts_with("UklGR");
}

std::string_view without_prefix(std::string_view text, const std::string& name) {
  if (!is_data_uri(text)) return text;
  for (const std::string_view prefix : {"data:image/png;base64,", "data:image/jpeg;base64,", "data:image/webp;base64,"})
    if (text.starts_with(prefix)) return text.substr(prefix.size());
  throw Error(ErrorCode::bad_data, name + ": want a data URI of image/png, image/jpeg or image/webp in base64, got \"" +
                                       std::string(text.substr(0, std::min<size_t>(text.find(','), 40))) + "\"");
}

/// The six bits of a digit; nothing where it is none.
std::optional<uint32_t> digit(char c) {
  if (c >= 'A' && c <= 'Z') return uint32_t(c - 'A');
  if (c >= 'a' && c <= 'z') return uint32_t(c - 'a') + 26;
  if (c >= '0' && c <= '9') return uint32_t(c - '0') + 52;
  if (c == '+') return 62u;
  if (c == '/') return 63u;
  return std::nullopt;
}

/// Of ASCII: programs break the lines of base64, and YAML's block scalars end in one.
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// YAML's block scalars may begin with a line break, and no path does.
std::string_view without_space_before(std::string_view text) {
  while (!text.empty() && is_space(text[0])) text.remove_prefix(1);
  return text;
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

std::string read_picture_source(const ConfigTree& tree, const yaml::Node& node, const std::string& name) {
  const std::string given = read_name(node, name, "a path, base64 or a data URI");
  const std::string_view text = without_space_before(given);
  if (is_data_uri(text) || is_base64(text)) return std::string(text);
  if (text.starts_with("http://") || text.starts_with("https://"))
    fail_unwanted(node, name, "a path, base64 or a data URI, as pictures are not fetched");
  if (given.size() > kMaxPath) fail_unwanted(node, name, "a path, base64 of an image or a data URI");
  const std::string path = absolute_path(tree, node);
  const FileKind kind = kind_of(path);
  if (kind == FileKind::folder) yaml::fail(node, name + ": want a file, got the folder \"" + path + "\"");
  if (kind == FileKind::other) yaml::fail(node, name + ": want a file, got a pipe or a device, \"" + path + "\"");
  if (kind != FileKind::file) yaml::fail(node, name + ": no file \"" + path + "\"", ErrorCode::no_input);
  return path;
}

Image load_picture(const std::string& given, const std::string& name) {
  const std::string source(without_space_before(given));
  if (is_data_uri(source) || is_base64(source))
    return decode_image(decode_base64(without_prefix(source, name), name), name);
  return decode_image(read_file(source, kMaxFile), name + ": " + source);
}

}  // namespace calotype
