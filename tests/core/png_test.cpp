#include "png.h"

#include <calotype/error.h>
#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "png_rows.h"

#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STB_IMAGE_STATIC
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

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
      image.rgb.push_back(
          uint8_t(x / 8 + y +
                  (((x % uint32_t(period * 3)) * 2654435761u ^ y * 2246822519u) * 3266489917u >> 16) % uint32_t(amplitude)));
  return image;
}

std::vector<uint8_t> pixels_of(const std::string& png, int width, int height) {
  int w = 0, h = 0, n = 0;
  unsigned char* pixels =
      stbi_load_from_memory(reinterpret_cast<const unsigned char*>(png.data()), int(png.size()), &w, &h, &n, 3);
  REQUIRE(pixels);
  CHECK(w == width);
  CHECK(h == height);
  std::vector<uint8_t> out(pixels, pixels + w * h * 3);
  stbi_image_free(pixels);
  return out;
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

TEST_CASE("png: a changed text is noticed") {
  std::string bytes = encode_png(gradient(), {{"key", "text"}});
  bytes[bytes.find("key") + 5] ^= 1;
  CHECK_THROWS_WITH(read_png_texts(bytes, "a.png"), "a.png: PNG is damaged at byte 33");
}
