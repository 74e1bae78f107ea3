#pragma once
#include <calotype/image.h>

#include <optional>
#include <string>
#include <string_view>

namespace calotype {

/// The base64 of an image or of a data URI, which a config may have instead of a path, without leading white space;
/// nothing if the text is neither.
std::optional<std::string_view> inline_image(std::string_view text);

/// Loads the image from a path, base64 or data URI. Throws Error (no_input, io, bad_data); the text begins with `name`
/// and, for a file, its path.
Image load_image(const std::string& source, const std::string& name);

}  // namespace calotype
