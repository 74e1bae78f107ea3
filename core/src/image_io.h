#pragma once
#include <calotype/image.h>

#include <string>
#include <string_view>

namespace calotype {

/// The pixels of a PNG or JPEG: gray becomes RGB, 16 bits become the upper 8, transparency goes into `alpha`. At most 64
/// million pixels; memory beyond what a picture of the header's size can take is refused, whatever the bytes hold.
/// Throws Error (bad_data): `name: want a PNG or JPEG, ...`.
Image decode_image(std::string_view bytes, const std::string& name);

}  // namespace calotype
