// JPEG, by libjpeg-turbo. Missing or inconsistent pixels, which it would accept, are errors here.
// clang-format off: jpeglib.h needs the two headers before it, and jerror.h needs jpeglib.h
#include <cstddef>
#include <cstdio>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <algorithm>
#include <array>
#include <csetjmp>
#include <vector>

#include "image/image_decoders.h"

namespace calotype {
namespace {

/// Each scan of a progressive file passes over all pixels and may take only a few bytes; encoders write ten.
constexpr int kMostScans = 500;

struct Failure {
  jpeg_error_mgr manager;  // must be first, because libjpeg passes its address
  std::jmp_buf jump;
  std::array<char, JMSG_LENGTH_MAX> why;
};

[[noreturn]] void on_error(j_common_ptr info) {
  auto* failure = reinterpret_cast<Failure*>(info->err);
  info->err->format_message(info, failure->why.data());
  std::longjmp(failure->jump, 1);
}

/// Whether cameras write it although the pixels are right.
bool is_harmless(int code) {
  return code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR;
}

void on_message(j_common_ptr info, int level) {
  if (level < 0 && !is_harmless(info->err->msg_code)) on_error(info);
}

void on_progress(j_common_ptr info) {
  const auto* decoder = reinterpret_cast<j_decompress_ptr>(info);
  if (decoder->input_scan_number <= kMostScans) return;
  auto* failure = reinterpret_cast<Failure*>(info->err);
  std::snprintf(failure->why.data(), failure->why.size(), "more than %d scans", kMostScans);
  std::longjmp(failure->jump, 1);
}

/// libjpeg's state; the destructor frees it.
struct Decoder {
  jpeg_decompress_struct info{};
  Failure failure{};
  jpeg_progress_mgr progress{};

  Decoder() {
    info.err = jpeg_std_error(&failure.manager);
    failure.manager.error_exit = on_error;
    failure.manager.emit_message = on_message;
    progress.progress_monitor = on_progress;
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() { jpeg_destroy_decompress(&info); }
};

/// No object with a destructor may live in these functions, because an error jumps out of them.
bool read_header(Decoder& decoder, std::string_view bytes) {
  if (setjmp(decoder.failure.jump)) return false;
  jpeg_create_decompress(&decoder.info);
  decoder.info.progress = &decoder.progress;
  jpeg_mem_src(&decoder.info, reinterpret_cast<const unsigned char*>(bytes.data()),
               static_cast<unsigned long>(bytes.size()));
  jpeg_read_header(&decoder.info, TRUE);
  return true;
}

bool is_cmyk(const jpeg_decompress_struct& info) {
  return info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
}

bool read_rows(Decoder& decoder, uint8_t* pixels, size_t row) {
  if (setjmp(decoder.failure.jump)) return false;
  jpeg_decompress_struct& info = decoder.info;
  info.out_color_space = is_cmyk(info) ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&info);
  while (info.output_scanline < info.output_height) {
    JSAMPROW out = pixels + row * info.output_scanline;
    jpeg_read_scanlines(&info, &out, 1);
  }
  jpeg_finish_decompress(&info);
  return true;
}

/// Adobe's programs store inverted ink values.
std::vector<uint8_t> rgb_of(const std::vector<uint8_t>& cmyk, bool is_light) {
  const auto light = [&](uint8_t ink) { return is_light ? unsigned(ink) : 255u - ink; };
  std::vector<uint8_t> out(cmyk.size() / 4 * 3);
  for (size_t i = 0; i < cmyk.size() / 4; ++i)
    for (size_t c = 0; c < 3; ++c)
      out[3 * i + c] = uint8_t((light(cmyk[4 * i + c]) * light(cmyk[4 * i + 3]) + 127) / 255);
  return out;
}

}  // namespace

Image decode_jpeg(std::string_view bytes, const std::string& name) {
  Decoder decoder;
  const jpeg_decompress_struct& info = decoder.info;
  if (!read_header(decoder, bytes)) fail_damaged(name, decoder.failure.why.data());
  check_size(info.image_width, info.image_height, name);
  const size_t row = size_t(info.image_width) * (is_cmyk(info) ? 4 : 3);
  Image out{int(info.image_width), int(info.image_height), std::vector<uint8_t>(row * info.image_height)};
  if (!read_rows(decoder, out.rgb.data(), row)) fail_damaged(name, decoder.failure.why.data());
  if (is_cmyk(info)) out.rgb = rgb_of(out.rgb, info.saw_Adobe_marker != 0);
  return out;
}

}  // namespace calotype
