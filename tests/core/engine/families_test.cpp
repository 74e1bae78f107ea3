// Whole runs of the families related to SDXL against diffusers' images: tests/data/families.
#include "core/drawn.h"
#include "family_models.h"

using namespace calotype;

namespace {

const std::string kGoldens = CALOTYPE_TEST_DATA "/families/goldens.safetensors";

Drawn draw(Host& host, const nlohmann::json& config, const std::string& model,
           std::vector<std::string> overrides = {}) {
  overrides.push_back("model.path=" + model);
  return draw_config(
      host, [&](const auto& all) { return Config::from_text(config.dump(), "families.json", all); }, overrides);
}

void check_against_diffusers(const std::string& name, const Drawn& drawn) {
  const networks::SafetensorsFile goldens(kGoldens);
  const double error = latents_error(drawn.latents, floats(goldens.tensors().at(name + ".latents")));
  const double db = psnr(drawn.image, goldens.tensors().at(name + ".image").data);
  MESSAGE(name << ": latents " << error << " of their standard deviation, image " << db << " dB");
  CHECK(error <= 1e-3);
  CHECK(db >= 50);
}

}  // namespace

TEST_CASE("families: each draws diffusers' image, from the folder and from the single file, bit for bit the same") {
  const FamilyModels models;
  Host host;
  for (const auto& name : models.names()) {
    const auto& config = models.entry(name)["config"];
    if (!config.contains("sampler")) continue;  // the refiner and the one that fills in need an image
    CAPTURE(name);
    const Drawn folder = draw(host, config, models.folder(name));
    check_against_diffusers(name, folder);
    if (!models.has_file(name)) continue;
    const Drawn file = draw(host, config, models.file(name));
    CHECK(file.latents == folder.latents);
    CHECK(file.image.rgb == folder.image.rgb);
  }
}

TEST_CASE("families: the refiner draws diffusers' image over another one") {
  const FamilyModels models;
  Host host;
  nlohmann::json config = models.entry("refiner")["config"];
  config.erase("width"), config.erase("height");
  config.update({{"pipeline", "image_to_image"},
                 {"image", CALOTYPE_TEST_DATA "/goldens/init.png"},
                 {"strength", 0.6},
                 {"steps", 5},
                 {"seed", 1234},
                 {"device", "cpu"},
                 {"dtype", "float32"},
                 {"scheduler", {{"id", "euler"}, {"spacing", "leading"}}},
                 {"sampler", "euler"}});
  for (const auto& model : {models.folder("refiner"), models.file("refiner")}) {
    CAPTURE(model);
    check_against_diffusers("refiner", draw(host, config, model));
  }
}
