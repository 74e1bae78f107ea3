#pragma once
#include <string_view>

namespace calotype {

/// The name of a well-known file format that is not read as an image, from its first bytes: "a GIF". "": not known.
std::string_view other_format(std::string_view bytes);

}  // namespace calotype
