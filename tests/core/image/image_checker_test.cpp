#include "image_checker.h"

#include <doctest/doctest.h>

#include <cstring>

#include "base/file.h"
#include "demo_prompts.h"
#include "image/image_io.h"

namespace {

using image_checker::check;

constexpr int kSide = 128;
constexpr int kColumns = 4;
const std::string kData = CALOTYPE_TEST_DATA;

using GeneratedImage = std::vector<std::uint8_t>;  // kSide x kSide x 3

/// image_checker.png holds images that the demo model drew, tile beside tile.
std::vector<GeneratedImage> read_tiles(const std::string& file, int count) {
  const calotype::Image sheet = calotype::decode_image(calotype::read_file(file, size_t(1) << 28), file);
  REQUIRE(sheet.width == kColumns * kSide);
  std::vector<GeneratedImage> tiles(count, GeneratedImage(kSide * kSide * 3));
  for (int i = 0; i < count; ++i) {
    for (int y = 0; y < kSide; ++y) {
      const int row = i / kColumns * kSide + y;
      std::memcpy(&tiles[i][y * kSide * 3], sheet.rgb.data() + (row * sheet.width + i % kColumns * kSide) * 3,
                  kSide * 3);
    }
  }
  return tiles;
}

GeneratedImage plain(std::uint8_t r, std::uint8_t g, std::uint8_t b) {
  GeneratedImage image;
  for (int i = 0; i < kSide * kSide; ++i) image.insert(image.end(), {r, g, b});
  return image;
}

}  // namespace

// Expected verdicts: check.py's, written by tools/demo_model/checker_goldens.py.
TEST_CASE("image checker: agrees with the Python checker on images that the demo model drew") {
  const auto golden = nlohmann::json::parse(std::ifstream(kData + "/image_checker.json"));
  const auto prompts = read_demo_prompts(kData + "/demo_prompts.json");
  const auto& scenes = golden.at("scenes");
  const auto tiles = read_tiles(kData + "/image_checker.png", static_cast<int>(scenes.size()));
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    for (std::size_t j = 0; j < scenes.size(); ++j) {
      CAPTURE(i);
      CAPTURE(j);
      const auto& want = golden.at("verdicts").at(i).at(j);
      const auto got = check(tiles[i].data(), kSide, kSide, prompts.at(scenes[j]).scene);
      CHECK(got.background == want[0].get<bool>());
      CHECK(got.colours == want[1].get<double>());
      CHECK(got.shapes == want[2].get<double>());
      CHECK(got.all == want[3].get<bool>());
    }
  }
}

TEST_CASE("image checker: an empty image has its background and no object") {
  const GeneratedImage white = plain(245, 245, 245);
  const auto result = check(white.data(), kSide, kSide, {"white", {{"circle", "red", 0.5, 0.5}}});
  CHECK(result.background);
  CHECK(result.colours == 0);
  CHECK(result.shapes == 0);
  CHECK_FALSE(result.all);
}

TEST_CASE("image checker: a square is no circle, and its position counts") {
  GeneratedImage image = plain(45, 85, 220);
  for (int y = 20; y < 60; ++y) {
    for (int x = 20; x < 60; ++x) std::memcpy(&image[(y * kSide + x) * 3], "\xf5\xd7\x32", 3);  // yellow
  }
  const double centre = 39.5 / kSide;
  CHECK(check(image.data(), kSide, kSide, {"blue", {{"square", "yellow", centre, centre}}}).all);
  const auto circle = check(image.data(), kSide, kSide, {"blue", {{"circle", "yellow", centre, centre}}});
  CHECK(circle.all_colours());
  CHECK(circle.shapes == 0);
  CHECK(check(image.data(), kSide, kSide, {"blue", {{"square", "yellow", centre + 0.18, centre}}}).colours == 0);
}

TEST_CASE("image checker: an unknown colour is an error") {
  const GeneratedImage white = plain(245, 245, 245);
  CHECK_THROWS_WITH_AS(check(white.data(), kSide, kSide, {"white", {{"circle", "mauve", 0.5, 0.5}}}),
                       "image_checker: unknown name \"mauve\"", std::invalid_argument);
}
