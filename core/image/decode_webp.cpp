// WebP, by libwebp. The format has no checksum, so damaged pixels are noticed only if they cannot be decoded.
#include <calotype/error.h>
#include <webp/decode.h>

#include <cstring>
#include <vector>

#include "image/image_decoders.h"

namespace calotype {
namespace {

std::string words_of(VP8StatusCode status) {
  if (status == VP8_STATUS_NOT_ENOUGH_DATA) return "it is cut short";
  if (status == VP8_STATUS_UNSUPPORTED_FEATURE) return "a kind of WebP that libwebp does not know";
  if (status == VP8_STATUS_OUT_OF_MEMORY) return "no memory to read it with";
  return "its pixels make no sense";
}

void check_status(VP8StatusCode status, const std::string& name) {
  if (status != VP8_STATUS_OK) fail_damaged(name, words_of(status));
}

/// The file states its size, which libwebp does not check.
void check_length(std::string_view bytes, const std::string& name) {
  uint32_t length = 0;
  for (size_t i = 0; i < 4; ++i) length |= uint32_t(uint8_t(bytes[4 + i])) << 8 * i;
  if (bytes.size() < uint64_t(length) + 8) fail_damaged(name, words_of(VP8_STATUS_NOT_ENOUGH_DATA));
}

}  // namespace

Image decode_webp(std::string_view bytes, const std::string& name) {
  check_length(bytes, name);
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) fail_damaged(name, "another libwebp than this was built for");
  check_status(WebPGetFeatures(data, bytes.size(), &config.input), name);
  if (config.input.has_animation)
    throw Error(ErrorCode::bad_data, name + ": want a still image, got an animated WebP; save one frame as PNG");
  check_size(config.input.width, config.input.height, name);
  const size_t pixels = size_t(config.input.width) * size_t(config.input.height);
  std::vector<uint8_t> rgba(pixels * 4);
  config.output.colorspace = MODE_RGBA;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {rgba.data(), config.input.width * 4, rgba.size()};
  check_status(WebPDecode(data, bytes.size(), &config), name);
  Image out{config.input.width, config.input.height, std::vector<uint8_t>(pixels * 3)};
  for (size_t i = 0; i < pixels; ++i) std::memcpy(&out.rgb[3 * i], &rgba[4 * i], 3);
  if (!config.input.has_alpha) return out;
  out.alpha.resize(pixels);
  for (size_t i = 0; i < pixels; ++i) out.alpha[i] = rgba[4 * i + 3];
  return out;
}

}  // namespace calotype
