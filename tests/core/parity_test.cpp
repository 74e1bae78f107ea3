// Whole runs against diffusers' pictures: what each file of tests/data/parity asks for, from the folder and from the single file.
#include <calotype/host/host.h>
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "safetensors.h"

using namespace calotype;
namespace fs = std::filesystem;

namespace {

const std::string kData = CALOTYPE_TEST_DATA;

std::vector<float> floats(const sdxl::StoredTensor& t) {
  std::vector<float> out(t.data.size() / sizeof(float));
  std::memcpy(out.data(), t.data.data(), t.data.size());
  return out;
}

struct Drawn {
  std::vector<float> latents;
  Image image;
};

Drawn draw(Host& host, const std::string& name, std::vector<std::string> overrides) {
  const fs::path folder = fs::temp_directory_path() / ("calotype_parity_" + std::to_string(getpid()));
  overrides.push_back("output.path=" + (folder / "picture.png").string());
  overrides.push_back("output.latents=" + (folder / "latents.safetensors").string());
  Result result = host.run(host.resolve(Config::from_file(kData + "/parity/" + name + ".yaml", overrides)));
  Drawn out{floats(sdxl::SafetensorsFile(result.latents_path).tensors().at("latents")), std::move(result.pictures.at(0).image)};
  fs::remove_all(folder);
  return out;
}

/// Largest difference in units of the reference's standard deviation.
double latents_error(const std::vector<float>& got, const std::vector<float>& want) {
  REQUIRE(got.size() == want.size());
  double sum = 0, squares = 0, worst = 0;
  for (size_t i = 0; i < want.size(); ++i) {
    sum += want[i], squares += double(want[i]) * want[i];
    worst = std::max(worst, double(std::abs(got[i] - want[i])));
  }
  const double n = double(want.size());
  return worst / std::sqrt(squares / n - sum * sum / n / n);
}

/// `planes` is [1,3,H,W].
double psnr(const Image& image, std::span<const std::byte> planes) {
  REQUIRE(planes.size() == image.rgb.size());
  const size_t pixels = image.rgb.size() / 3;
  double squares = 0;
  for (size_t p = 0; p < pixels; ++p)
    for (size_t c = 0; c < 3; ++c) {
      const double d = double(image.rgb[p * 3 + c]) - double(planes[c * pixels + p]);
      squares += d * d;
    }
  return squares == 0 ? INFINITY : 10 * std::log10(255.0 * 255.0 * double(image.rgb.size()) / squares);
}

}  // namespace

TEST_CASE("parity: every run draws diffusers' picture, and the same one from the single file") {
  Host host;
  const sdxl::SafetensorsFile goldens(kData + "/goldens/images.safetensors");
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator(kData + "/parity"))
    if (file.path().extension() == ".yaml") names.push_back(file.path().stem());
  std::sort(names.begin(), names.end());
  CHECK(names.size() == 24);
  std::vector<Drawn> folder;
  for (const auto& name : names) {
    CAPTURE(name);
    folder.push_back(draw(host, name, {}));
    const double error = latents_error(folder.back().latents, floats(goldens.tensors().at(name + ".latents")));
    const double db = psnr(folder.back().image, goldens.tensors().at(name + ".image").data);
    MESSAGE(name << ": latents " << error << " of their standard deviation, picture " << db << " dB");
    CHECK(error <= 1e-3);
    CHECK(db >= 50);
  }
  // the host keeps one model: first all from the folder, then all from the file
  for (size_t i = 0; i < names.size(); ++i) {
    CAPTURE(names[i]);
    const Drawn single = draw(host, names[i], {"model.path=" + kData + "/tiny_sdxl/single_file.safetensors"});
    CHECK(single.latents == folder[i].latents);
    CHECK(single.image.rgb == folder[i].image.rgb);
  }
}
