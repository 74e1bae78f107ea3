// Whole runs against diffusers' images: what each file of tests/data/parity asks for, from the folder, some from the
// single file. In the environment CALOTYPE_TEST_DEVICE names another device than the CPU, which they are then generated
// on, CALOTYPE_TEST_TF32 allows a GPU to round as its tensor cores do, and CALOTYPE_TEST_CONFIGS is a part of the names
// of those that are run.
#include <cstdlib>

#include "core/drawn.h"

using namespace calotype;
namespace fs = std::filesystem;

namespace {

// where it was built, or the folder it is run in: tests/gpu/pack.sh takes it to other machines
const std::string kData = fs::exists(CALOTYPE_TEST_DATA) ? CALOTYPE_TEST_DATA : "tests/data";

std::string in_environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value && *value ? value : otherwise;
}

std::string wanted_device() {
  return in_environment("CALOTYPE_TEST_DEVICE", "cpu");
}

bool allows_tf32() {
  return !in_environment("CALOTYPE_TEST_TF32", "").empty();
}

Drawn draw(Host& host, const std::string& name, std::vector<std::string> overrides) {
  overrides.insert(overrides.end(), {"device=" + wanted_device(), "dtype=float32"});
  if (allows_tf32()) overrides.push_back("allow_tf32=true");
  return draw_config(
      host, [&](const auto& all) { return Config::from_file(kData + "/parity/" + name + ".yaml", all); }, overrides);
}

/// A run elsewhere would prove nothing of the device.
void check_device(const Drawn& drawn) {
  const std::string device = wanted_device(), whole = device == "cuda" ? "cuda:0" : device;
  CHECK(drawn.device == whole);
  CHECK((drawn.device_peak_bytes > 0) == (whole != "cpu"));
}

}  // namespace

TEST_CASE("parity: every run draws diffusers' image, and the single file the same one") {
  Host host;
  const networks::SafetensorsFile goldens(kData + "/goldens/images.safetensors");
  const std::string part = in_environment("CALOTYPE_TEST_CONFIGS", "");
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator(kData + "/parity"))
    if (const std::string name = file.path().stem(); file.path().extension() == ".yaml" && name.find(part) != name.npos)
      names.push_back(name);
  std::sort(names.begin(), names.end());
  CHECK((part.empty() ? names.size() == 31 : !names.empty()));
  std::vector<Drawn> folder;
  for (const auto& name : names) {
    CAPTURE(name);
    folder.push_back(draw(host, name, {}));
    check_device(folder.back());
    const double error = latents_error(folder.back().latents, floats(goldens.tensors().at(name + ".latents")));
    const double db = psnr(folder.back().image, goldens.tensors().at(name + ".image").data);
    MESSAGE(name << ": latents " << error << " of their standard deviation, image " << db << " dB");
    // of six of them, under the stand-in for CUDA, TF32 made up to 3.2e-3
    CHECK(error <= (allows_tf32() ? 1e-2 : 1e-3));
    CHECK(db >= (allows_tf32() ? 40 : 50));
  }
  if (wanted_device() != "cpu") return;  // what is read of a file is the same everywhere
  // the host keeps one model: first all from the folder, then some from the file
  for (size_t i = 0; i < names.size(); i += 3) {
    CAPTURE(names[i]);
    const Drawn single = draw(host, names[i], {"model.path=" + kData + "/tiny_sdxl/single_file.safetensors"});
    check_device(single);
    CHECK(single.latents == folder[i].latents);
    CHECK(single.image.rgb == folder[i].image.rgb);
  }
}
