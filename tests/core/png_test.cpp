#include <calotype/error.h>
#include <doctest/doctest.h>

#include "png.h"

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
}  // namespace

TEST_CASE("png: pixels come back as they were") {
  const Image image = gradient();
  const std::string bytes = encode_png(image, {{"key", "text"}});
  int w = 0, h = 0, n = 0;
  unsigned char* pixels = stbi_load_from_memory(reinterpret_cast<const unsigned char*>(bytes.data()), int(bytes.size()), &w, &h, &n, 3);
  REQUIRE(pixels);
  CHECK(w == 5);
  CHECK(h == 3);
  CHECK(std::vector<uint8_t>(pixels, pixels + 45) == image.rgb);
  stbi_image_free(pixels);
}

TEST_CASE("png: texts come back in any script") {
  const std::string bytes = encode_png(gradient(), {{"plain", "a cat"}, {"latin", "caf\u00e9"}, {"wide", "\u6771\u4eac \U0001f680"}, {"empty", ""}});
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
