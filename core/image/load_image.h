#pragma once
#include <calotype/image.h>

#include <optional>
#include <string>
#include <string_view>

namespace calotype {

/// Base64 of an image or a data URI, as a config may have it in the place of a path, without white space before it;
/// nothing where the text is neither.
std::optional<std::string_view> inline_image(std::string_view text);

/// The image of such a source. Throws Error (no_input, io, bad_data), whose text begins with `name` and, for a file,
/// its path.
Image load_image(const std::string& source, const std::string& name);

}  // namespace calotype
