#pragma once
#include <calotype/image.h>

#include <string>
#include <string_view>

namespace calotype {

/// Decodes a PNG, JPEG or WebP, which the first bytes identify. Gray becomes RGB, 16 bits become the upper 8,
/// transparency goes into `alpha`. At most 64 million pixels; memory is allocated only for the size in the header.
/// Throws Error (bad_data): `name: want a PNG, JPEG or WebP, got a GIF; ...`, `name: the image is damaged: ...`.
Image decode_image(std::string_view bytes, const std::string& name);

}  // namespace calotype
