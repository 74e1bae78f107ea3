// PNG, by libpng. Before it decodes a pixel, all checksums are compared and the pixel data is inflated once without
// storing it, because libpng would inflate gigabytes of surplus data. Texts and profiles are not inflated.
#include <png.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstring>
#include <vector>

#include "image/image_decoders.h"
#include "image/png_chunks.h"

namespace calotype {
namespace {

/// The state of libpng's callbacks.
struct Source {
  std::string_view bytes;
  size_t at = 0;
  std::array<char, 160> why{};
};

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  auto& why = static_cast<Source*>(png_get_error_ptr(png))->why;
  std::strncpy(why.data(), message, why.size() - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void read(png_structp png, png_bytep out, size_t count) {
  auto& source = *static_cast<Source*>(png_get_io_ptr(png));
  if (count > source.bytes.size() - source.at) png_error(png, "it is cut short");
  std::memcpy(out, source.bytes.data() + source.at, count);
  source.at += count;
}

struct Header {
  png_uint_32 width = 0, height = 0;
  bool has_alpha = false, is_interlaced = false;
  uint64_t bits = 0;  ///< bits of a stored pixel
  int colours = 0;    ///< colours of its palette; 0: its pixels are not indices

  /// The bytes of so many pixels and rows, each row with its filter byte.
  uint64_t stored(uint64_t columns, uint64_t rows) const { return columns ? rows * (1 + (columns * bits + 7) / 8) : 0; }
  /// The bytes of the whole image, in the seven passes of an interlaced one.
  uint64_t stored() const {
    if (!is_interlaced) return stored(width, height);
    uint64_t sum = 0;
    for (int pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; ++pass)
      sum += stored(PNG_PASS_COLS(width, pass), PNG_PASS_ROWS(height, pass));
    return sum;
  }
};

struct Inflation {
  z_stream state{};
  const bool is_ready = inflateInit(&state) == Z_OK;
  Inflation() = default;
  Inflation(const Inflation&) = delete;
  Inflation& operator=(const Inflation&) = delete;
  ~Inflation() { inflateEnd(&state); }
};

/// Throws if the pixel data does not have `wanted` bytes, or its checksum is wrong.
void check_pixels(const std::vector<PngChunk>& chunks, uint64_t wanted, const std::string& name) {
  Inflation inflation;
  if (!inflation.is_ready) fail_damaged(name, "no memory to read it with");
  std::array<Bytef, 1 << 15> block;
  uint64_t sum = 0;
  int status = Z_OK;
  for (const PngChunk& chunk : chunks) {
    if (chunk.type != "IDAT") continue;
    inflation.state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(chunk.data.data()));
    inflation.state.avail_in = uInt(chunk.data.size());
    for (bool has_more = true; status == Z_OK && has_more;) {
      inflation.state.next_out = block.data(), inflation.state.avail_out = uInt(block.size());
      status = inflate(&inflation.state, Z_NO_FLUSH);
      has_more = inflation.state.avail_in || !inflation.state.avail_out;
      if (status == Z_BUF_ERROR) status = Z_OK;  // libpng already has all data of the chunk
      if (status != Z_OK && status != Z_STREAM_END)
        fail_damaged(name, inflation.state.msg ? inflation.state.msg : "its pixels make no sense");
      sum += block.size() - inflation.state.avail_out;
      if (sum > wanted) fail_damaged(name, "more pixels than its size has");
    }
  }
  if (status != Z_STREAM_END || sum < wanted) fail_damaged(name, "fewer pixels than its size has");
}

/// A reader; its destructor frees it.
struct Reader {
  png_structp png;
  png_infop info;

  explicit Reader(Source& source)
      : png(png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, on_error, on_warning)), info(nullptr) {
    if (png) info = png_create_info_struct(png);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
};

/// 8 bits of R, G, B and A, for every kind of file.
void ask_for_rgba(png_structp png, png_infop info) {
  png_set_expand(png);
  png_set_strip_16(png);
  png_set_gray_to_rgb(png);
  png_set_add_alpha(png, 0xff, PNG_FILLER_AFTER);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
}

/// No object with a destructor may live here, because an error jumps out.
bool read_header(const Reader& reader, Source& source, Header& header) {
  if (setjmp(png_jmpbuf(reader.png))) return false;
  png_set_read_fn(reader.png, &source, read);
  png_set_user_limits(reader.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // check_size reports which size is too large
  png_set_benign_errors(reader.png, 0);
  png_set_crc_action(reader.png, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);          // already compared
  png_set_keep_unknown_chunks(reader.png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);  // all but tRNS
  png_read_info(reader.png, reader.info);
  header.width = png_get_image_width(reader.png, reader.info);
  header.height = png_get_image_height(reader.png, reader.info);
  header.bits = uint64_t(png_get_channels(reader.png, reader.info)) * png_get_bit_depth(reader.png, reader.info);
  png_colorp palette = nullptr;
  if (png_get_color_type(reader.png, reader.info) == PNG_COLOR_TYPE_PALETTE)
    png_get_PLTE(reader.png, reader.info, &palette, &header.colours);
  header.is_interlaced = png_get_interlace_type(reader.png, reader.info) == PNG_INTERLACE_ADAM7;
  const bool is_transparent = png_get_valid(reader.png, reader.info, PNG_INFO_tRNS) != 0;
  header.has_alpha = is_transparent || (png_get_color_type(reader.png, reader.info) & PNG_COLOR_MASK_ALPHA) != 0;
  return true;
}

bool read_rows(const Reader& reader, png_bytepp rows) {
  if (setjmp(png_jmpbuf(reader.png))) return false;
  ask_for_rgba(reader.png, reader.info);
  png_read_image(reader.png, rows);
  png_read_end(reader.png, nullptr);
  return true;
}

/// The rows as palette indices, one byte each.
bool read_indices(const Reader& reader, png_bytepp rows) {
  if (setjmp(png_jmpbuf(reader.png))) return false;
  png_set_packing(reader.png);
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
  png_read_image(reader.png, rows);
  return true;
}

/// Throws if a pixel's index is not in the palette; libpng would make it black.
void check_indices(std::string_view bytes, const std::vector<png_bytep>& rows, const std::string& name) {
  Source source;
  source.bytes = bytes;
  const Reader reader(source);
  if (!reader.info) fail_damaged(name, "no memory to read it with");
  Header header;
  if (!read_header(reader, source, header) || !read_indices(reader, const_cast<png_bytepp>(rows.data())))
    fail_damaged(name, source.why.data());
  int highest = 0;
  for (const png_bytep row : rows) highest = std::max<int>(highest, *std::max_element(row, row + header.width));
  if (highest >= header.colours)
    fail_damaged(name, "a pixel is of colour " + std::to_string(highest) + ", and its palette ends with " +
                           std::to_string(header.colours - 1));
}

Image split(const std::vector<uint8_t>& rgba, const Header& header) {
  const size_t pixels = size_t(header.width) * header.height;
  Image out{int(header.width), int(header.height), std::vector<uint8_t>(pixels * 3)};
  for (size_t i = 0; i < pixels; ++i) std::memcpy(&out.rgb[3 * i], &rgba[4 * i], 3);
  if (!header.has_alpha) return out;
  out.alpha.resize(pixels);
  for (size_t i = 0; i < pixels; ++i) out.alpha[i] = rgba[4 * i + 3];
  return out;
}

}  // namespace

Image decode_png(std::string_view bytes, const std::string& name) {
  Source source;
  source.bytes = bytes;
  const std::vector<PngChunk> chunks = png_chunks(bytes, name);
  const Reader reader(source);
  if (!reader.info) fail_damaged(name, "no memory to read it with");
  Header header;
  if (!read_header(reader, source, header)) fail_damaged(name, source.why.data());
  check_size(header.width, header.height, name);
  check_pixels(chunks, header.stored(), name);
  const size_t row = size_t(header.width) * 4;
  std::vector<uint8_t> rgba(row * header.height);
  std::vector<png_bytep> rows(header.height);
  for (size_t y = 0; y < rows.size(); ++y) rows[y] = rgba.data() + y * row;
  if (header.colours) check_indices(bytes, rows, name);
  if (!read_rows(reader, rows.data())) fail_damaged(name, source.why.data());
  return split(rgba, header);
}

}  // namespace calotype
