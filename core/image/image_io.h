#pragma once
#include <calotype/image.h>

#include <string>
#include <string_view>

namespace calotype {

/// The pixels of a PNG, JPEG or WebP, which its first bytes tell: gray becomes RGB, 16 bits become the upper 8,
/// transparency goes into `alpha`. At most 64 million pixels; whatever the bytes hold, memory is taken for the header's
/// size alone. Throws Error (bad_data): `name: want a PNG, JPEG or WebP, got a GIF; ...`, `name: the image is damaged:
/// ...`.
Image decode_image(std::string_view bytes, const std::string& name);

}  // namespace calotype
