// Resizing against Pillow: tests/data/images.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "fit.h"
#include "networks/files/safetensors.h"

using namespace calotype;

namespace {

const std::string kFolder = CALOTYPE_TEST_DATA "/images/";

Image image_of(const networks::StoredTensor& t) {
  Image image{int(t.shape.at(1)), int(t.shape.at(0)), std::vector<uint8_t>(t.data.size())};
  std::memcpy(image.rgb.data(), t.data.data(), t.data.size());
  return image;
}

int largest_difference(const Image& a, const Image& b) {
  REQUIRE(a.rgb.size() == b.rgb.size());
  int out = 0;
  for (size_t i = 0; i < a.rgb.size(); ++i) out = std::max(out, std::abs(int(a.rgb[i]) - int(b.rgb[i])));
  return out;
}

/// Over all goldens of that mode.
void check_mode(const std::string& mode, Resize how) {
  const networks::SafetensorsFile file(kFolder + "resized.safetensors");
  const Image source = image_of(file.tensors().at("source"));
  int checked = 0;
  for (const auto& [name, tensor] : file.tensors()) {
    if (!name.starts_with(mode)) continue;
    CAPTURE(name);
    const Image wanted = image_of(tensor);
    const Image got = fitted(source, fit(source.width, source.height, wanted.width, wanted.height, how));
    CHECK(got.width == wanted.width);
    CHECK(largest_difference(got, wanted) == 0);
    ++checked;
  }
  CHECK(checked >= 3);
}

}  // namespace

TEST_CASE("resize: stretch is Pillow's resize") {
  check_mode("stretch", Resize::stretch);
}
TEST_CASE("resize: crop is Pillow's fit") {
  check_mode("crop", Resize::crop);
}
TEST_CASE("resize: pad is Pillow's contain with repeated borders") {
  check_mode("pad", Resize::pad);
}

TEST_CASE("resize: an image of one colour keeps it") {
  const Image plain{9, 7, std::vector<uint8_t>(9 * 7 * 3, 201)};
  for (const Resize how : {Resize::crop, Resize::pad, Resize::stretch})
    for (const uint8_t value : fitted(plain, fit(9, 7, 40, 3, how)).rgb) CHECK(value == 201);
}
