// Whole runs against diffusers' pictures: what each file of tests/data/parity asks for, from the folder and from the single
// file.
#include "drawn.h"

using namespace calotype;
namespace fs = std::filesystem;

namespace {

// where it was built, or the folder it is run in: tests/gpu/pack.sh takes it to other machines
const std::string kData = fs::exists(CALOTYPE_TEST_DATA) ? CALOTYPE_TEST_DATA : "tests/data";

Drawn draw(Host& host, const std::string& name, const std::vector<std::string>& overrides) {
  return draw_config(
      host, [&](const auto& all) { return Config::from_file(kData + "/parity/" + name + ".yaml", all); }, overrides);
}

}  // namespace

TEST_CASE("parity: every run draws diffusers' picture, and the same one from the single file") {
  Host host;
  const sdxl::SafetensorsFile goldens(kData + "/goldens/images.safetensors");
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator(kData + "/parity"))
    if (file.path().extension() == ".yaml") names.push_back(file.path().stem());
  std::sort(names.begin(), names.end());
  CHECK(names.size() == 31);
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
