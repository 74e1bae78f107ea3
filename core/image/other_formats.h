#pragma once
#include <string_view>

namespace calotype {

/// What bytes are that begin as a well-known file does which is not read as an image: "a GIF". "": not known.
std::string_view other_format(std::string_view bytes);

}  // namespace calotype
