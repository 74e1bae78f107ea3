#pragma once
#include <calotype/image.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace calotype {

inline constexpr int64_t kMostPixels = 64'000'000;

/// Throws Error (bad_data) if an image has more than kMostPixels, or none.
void check_size(int64_t width, int64_t height, const std::string& name);

/// Throws Error (bad_data): `name: the image is damaged: WHY`
[[noreturn]] void fail_damaged(const std::string& name, const std::string& why);

/// Each decodes a file whose first bytes have the right mark; see decode_image.
Image decode_png(std::string_view bytes, const std::string& name);
Image decode_jpeg(std::string_view bytes, const std::string& name);
Image decode_webp(std::string_view bytes, const std::string& name);

}  // namespace calotype
