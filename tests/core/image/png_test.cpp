#include <calotype/error.h>
#include <doctest/doctest.h>
#include <zlib.h>

#include <set>
#include <string>
#include <vector>

#include "image/image_io.h"
#include "image/png_metadata.h"
#include "image/png_rows.h"

using namespace calotype;

namespace {
Image gradient() {
  Image image{5, 3, {}};
  for (int i = 0; i < 5 * 3 * 3; ++i) image.rgb.push_back(uint8_t(i * 5));
  return image;
}

/// Noise that comes again after `period` pixels of a row, on a gradient.
Image noise(int width, int height, int period, int amplitude) {
  Image image{width, height, {}};
  for (uint32_t y = 0; y < uint32_t(height); ++y)
    for (uint32_t x = 0; x < uint32_t(width) * 3; ++x)
      image.rgb.push_back(uint8_t(x / 8 + y +
                                  (((x % uint32_t(period * 3)) * 2654435761u ^ y * 2246822519u) * 3266489917u >> 16) %
                                      uint32_t(amplitude)));
  return image;
}

std::vector<uint8_t> pixels_of(const std::string& png, int width, int height) {
  const Image image = decode_image(png, "a.png");
  CHECK(image.width == width);
  CHECK(image.height == height);
  return image.rgb;
}
}  // namespace

TEST_CASE("png: pixels come back as they were") {
  const Image image = gradient();
  CHECK(pixels_of(encode_png(image, {{"key", "text"}}), 5, 3) == image.rgb);
}

TEST_CASE("png: pixels come back from rows of every filter") {
  Image image = noise(67, 40, 67, 9);
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 67 * 3; ++x) {
      uint8_t& value = image.rgb[size_t(y * 67 * 3 + x)];
      if (y / 8 == 0) value = uint8_t(x % 2);                   // none
      if (y / 8 == 1) value = uint8_t(y * 97 + x / 9);          // left
      if (y / 8 == 2) value = uint8_t(x * x * 31);              // above
      if (y / 8 == 3) value = uint8_t(value + x * y * 7 % 30);  // their average, or the one that changes least
    }
  const std::vector<uint8_t> rows = png_rows(image);
  std::set<int> filters;
  for (size_t y = 0; y < 40; ++y) filters.insert(rows[y * (1 + 67 * 3)]);
  CHECK(filters == std::set{0, 1, 2, 3, 4});
  CHECK(pixels_of(encode_png(image, {}), 67, 40) == image.rgb);
}

TEST_CASE("png: a pattern that comes again is stored once") {
  const Image image = noise(640, 64, 64, 2);
  const std::string bytes = encode_png(image, {});
  CHECK(bytes.size() < image.rgb.size() / 12);
  CHECK(pixels_of(bytes, 640, 64) == image.rgb);
}

TEST_CASE("png: texts come back in any script") {
  const std::string bytes = encode_png(
      gradient(), {{"plain", "a cat"}, {"latin", "caf\u00e9"}, {"wide", "\u6771\u4eac \U0001f680"}, {"empty", ""}});
  const auto texts = read_png_texts(bytes, "a.png");
  CHECK(texts.at("plain") == "a cat");
  CHECK(texts.at("latin") == "caf\u00e9");
  CHECK(texts.at("wide") == "\u6771\u4eac \U0001f680");
  CHECK(texts.at("empty") == "");
  CHECK(bytes.find("tEXtlatin") != std::string::npos);
  CHECK(bytes.find("iTXtwide") != std::string::npos);
}

TEST_CASE("png: a file cut anywhere is an error, never a crash") {
  const std::string bytes = encode_png(gradient(), {{"wide", "\u6771\u4eac"}});
  for (size_t n = 0; n + 12 < bytes.size(); ++n) CHECK_THROWS_AS(read_png_texts(bytes.substr(0, n), "a.png"), Error);
  CHECK_THROWS_WITH(read_png_texts("GIF89a", "a.png"), "a.png: not a PNG");
}

TEST_CASE("png: compressed texts are read, and one that inflates to gigabytes is refused") {
  const auto big_endian = [](uint32_t v) { return std::string{char(v >> 24), char(v >> 16), char(v >> 8), char(v)}; };
  const auto with = [&](const std::string& type, const std::string& head, const std::string& text) {
    std::string packed(compressBound(uLong(text.size())), '\0');
    uLongf size = packed.size();
    compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
             uLong(text.size()));
    const std::string body = type + "key" + head + packed.substr(0, size);
    const auto sum = uint32_t(crc32(0, reinterpret_cast<const Bytef*>(body.data()), uInt(body.size())));
    return encode_png(gradient(), {}).insert(33, big_endian(uint32_t(body.size() - 4)) + body + big_endian(sum));
  };
  const std::string z("\0\0", 2), i("\0\1\0\0\0", 5);
  CHECK(read_png_texts(with("zTXt", z, "caf\xe9"), "a.png").at("key") == "caf\u00e9");
  CHECK(read_png_texts(with("iTXt", i, "\u6771\u4eac"), "a.png").at("key") == "\u6771\u4eac");
  CHECK_THROWS_WITH(read_png_texts(with("zTXt", z, std::string(70'000'000, 'a')), "a.png"),
                    "a.png: want at most 64000000 bytes of text, got more");
}

TEST_CASE("png: a changed text is noticed") {
  std::string bytes = encode_png(gradient(), {{"key", "text"}});
  bytes[bytes.find("key") + 5] ^= 1;
  CHECK_THROWS_WITH(read_png_texts(bytes, "a.png"), "a.png: PNG is damaged at byte 33");
}
