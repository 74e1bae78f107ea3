#include "image/load_image.h"

#include <calotype/error.h>

#include <algorithm>

#include "base/file.h"
#include "image/decode_base64.h"
#include "image/image_io.h"

namespace calotype {
namespace {

constexpr size_t kMaxFile = size_t(256) << 20;

bool is_data_uri(std::string_view text) {
  return text.starts_with("data:");
}

/// The base64 of the first bytes of a PNG, JPEG or WebP: no file has such a name.
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

}  // namespace

std::optional<std::string_view> inline_image(std::string_view text) {
  // YAML's block scalars may begin with a line break, paths do not
  while (!text.empty() && (text[0] == ' ' || (text[0] >= '\t' && text[0] <= '\r'))) text.remove_prefix(1);
  return is_data_uri(text) || is_base64(text) ? std::optional(text) : std::nullopt;
}

Image load_image(const std::string& source, const std::string& name) {
  if (const auto text = inline_image(source))
    return decode_image(decode_base64(without_prefix(*text, name), name), name);
  return decode_image(read_file(source, kMaxFile), name + ": " + source);
}

}  // namespace calotype
