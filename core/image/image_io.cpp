#include "image/image_io.h"

#include <calotype/error.h>

#include "image/image_decoders.h"
#include "image/other_formats.h"
#include "image/png_chunks.h"

namespace calotype {

void check_size(int64_t width, int64_t height, const std::string& name) {
  const std::string size = std::to_string(width) + " x " + std::to_string(height);
  if (width < 1 || height < 1) fail_damaged(name, "its size is " + size);
  if (width > kMostPixels / height)
    throw Error(ErrorCode::bad_data,
                name + ": want at most " + std::to_string(kMostPixels / 1'000'000) + " million pixels, got " + size);
}

void fail_damaged(const std::string& name, const std::string& why) {
  throw Error(ErrorCode::bad_data, name + ": the image is damaged: " + why);
}

Image decode_image(std::string_view bytes, const std::string& name) {
  if (bytes.starts_with(kPngSignature)) return decode_png(bytes, name);
  if (bytes.starts_with("\xff\xd8\xff")) return decode_jpeg(bytes, name);
  if (bytes.size() >= 12 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP") return decode_webp(bytes, name);
  const std::string_view other = other_format(bytes);
  if (other.empty()) throw Error(ErrorCode::bad_data, name + ": want a PNG, JPEG or WebP, got neither of these");
  throw Error(ErrorCode::bad_data, name + ": want a PNG, JPEG or WebP, got " + std::string(other) +
                                       "; save it as one of these, PNG loses nothing");
}

}  // namespace calotype
