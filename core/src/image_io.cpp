#include "image_io.h"

#include <calotype/error.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace {

constexpr int64_t kMaxPixels = 64'000'000;

/// What one decode may still allocate: stb inflates a PNG as far as its bytes say, whatever size its header tells.
thread_local size_t budget = 0;

constexpr size_t kHeader = alignof(std::max_align_t);  // before each block: its size

void* allocate(size_t size) {
  if (size > budget) return nullptr;
  auto* block = static_cast<std::byte*>(std::malloc(size + kHeader));
  if (!block) return nullptr;
  budget -= size;
  std::memcpy(block, &size, sizeof size);
  return block + kHeader;
}

size_t size_of(void* block) {
  size_t size = 0;
  std::memcpy(&size, static_cast<std::byte*>(block) - kHeader, sizeof size);
  return size;
}

void release(void* block) {
  if (!block) return;
  budget += size_of(block);
  std::free(static_cast<std::byte*>(block) - kHeader);
}

void* reallocate(void* block, size_t size) {
  void* const larger = allocate(size);
  if (!larger) return nullptr;
  if (block) std::memcpy(larger, block, std::min(size, size_of(block)));
  release(block);
  return larger;
}

}  // namespace

#define STBI_MALLOC(size) allocate(size)
#define STBI_REALLOC(block, size) reallocate(block, size)
#define STBI_FREE(block) release(block)
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_MAX_DIMENSIONS (1 << 24)
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wsign-compare"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace calotype {
namespace {

struct Header {
  int width = 0, height = 0, channels = 0;
  bool is_16_bit = false;
};

Header read_header(const stbi_uc* bytes, int size, const std::string& name) {
  const auto fail = [&](const std::string& what) { throw Error(ErrorCode::bad_data, name + ": " + what); };
  Header h;
  budget = 1 << 20;
  if (!stbi_info_from_memory(bytes, size, &h.width, &h.height, &h.channels))
    fail("want a PNG or JPEG, got neither, or a damaged one");
  h.is_16_bit = stbi_is_16_bit_from_memory(bytes, size);
  if (int64_t(h.width) * h.height > kMaxPixels)
    fail("want at most " + std::to_string(kMaxPixels / 1'000'000) + " million pixels, got " + std::to_string(h.width) +
         " x " + std::to_string(h.height));
  return h;
}

/// Whether the Huffman tables of a segment, which begins at its length, have at most 256 codes each: stb 2.27 writes beyond
/// its arrays where they say more.
bool has_small_tables(std::string_view segment) {
  const auto byte = [&](size_t at) { return at < segment.size() ? size_t(uint8_t(segment[at])) : 0; };
  const size_t end = std::min(byte(0) << 8 | byte(1), segment.size());
  for (size_t at = 2; at < end;) {
    size_t codes = 0;
    for (size_t i = 1; i <= 16; ++i) codes += byte(at + i);
    if (codes > 256) return false;
    at += 17 + codes;
  }
  return true;
}

/// The same for a whole JPEG. Segments are followed as far as one begins where another ends, up to the first pixels; from
/// there on a marker counts wherever it stands, so that none can be hidden.
bool has_small_tables_only(std::string_view jpeg) {
  bool is_in_step = true;
  for (size_t at = 2; at + 4 <= jpeg.size();) {
    const auto byte = [&](size_t i) { return uint8_t(jpeg[i]); };
    const uint8_t marker = byte(at) == 0xff ? byte(at + 1) : 0;
    if (marker == 0xc4 && !has_small_tables(jpeg.substr(at + 2))) return false;
    const bool is_filling = marker == 0xff, is_segment = marker >= 0xc0 && marker <= 0xfe && marker != 0xda;
    is_in_step = is_in_step && (is_filling || is_segment);
    at += is_in_step && is_segment ? 2 + (size_t(byte(at + 2)) << 8 | byte(at + 3)) : 1;
  }
  return true;
}

/// The most that decoding an honest file takes: the raw pixels four times (interlaced, or a JPEG's coefficients), the result
/// and the compressed data, whose buffer doubles as it grows.
size_t honest_budget(const Header& h, size_t file_bytes) {
  const size_t pixels = size_t(h.width) * size_t(h.height);
  return pixels * (size_t(h.channels) * (h.is_16_bit ? 2 : 1) * 4 + 4) + 3 * file_bytes + (1 << 20);
}

Image split(const stbi_uc* rgba, const Header& h) {
  const size_t pixels = size_t(h.width) * size_t(h.height);
  Image out{h.width, h.height, std::vector<uint8_t>(pixels * 3)};
  for (size_t i = 0; i < pixels; ++i) std::memcpy(&out.rgb[3 * i], rgba + 4 * i, 3);
  if (h.channels % 2) return out;
  out.alpha.resize(pixels);
  for (size_t i = 0; i < pixels; ++i) out.alpha[i] = rgba[4 * i + 3];
  return out;
}

}  // namespace

Image decode_image(std::string_view bytes, const std::string& name) {
  if (bytes.size() > size_t(INT32_MAX)) throw Error(ErrorCode::bad_data, name + ": want less than 2 GiB");
  if (bytes.starts_with("\xff\xd8") && !has_small_tables_only(bytes))
    throw Error(ErrorCode::bad_data, name + ": the picture is damaged: a Huffman table of more than 256 codes");
  const auto* data = reinterpret_cast<const stbi_uc*>(bytes.data());
  Header header = read_header(data, int(bytes.size()), name);
  budget = honest_budget(header, bytes.size());
  int width = 0, height = 0;
  const std::unique_ptr<stbi_uc, decltype(&release)> rgba(
      stbi_load_from_memory(data, int(bytes.size()), &width, &height, &header.channels, 4), &release);
  if (!rgba) {
    const std::string_view why = stbi_failure_reason() ? stbi_failure_reason() : "no reason given";
    if (why == "outofmem")
      throw Error(ErrorCode::bad_data, name + ": wants more memory than a picture of " + std::to_string(header.width) +
                                           " x " + std::to_string(header.height) + " can");
    throw Error(ErrorCode::bad_data, name + ": the picture is damaged: " + std::string(why));
  }
  return split(rgba.get(), header);
}

}  // namespace calotype
