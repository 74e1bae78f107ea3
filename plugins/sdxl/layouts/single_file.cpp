#include "layouts/single_file.h"

#include <calotype/error.h>

#include <algorithm>
#include <array>

#include "files/foreign_files.h"
#include "files/pickle.h"
#include "layouts/network_check.h"
#include "layouts/schedule_marks.h"

namespace calotype::sdxl {
namespace {

using std::string;

constexpr const char* kRefinersEncoder = "conditioner.embedders.0.model.token_embedding.weight";
struct Needed {
  Part part;
  const char* name;
};
constexpr std::array<Needed, 5> kNeeded{
    {{Part::unet, "model.diffusion_model.input_blocks.0.0.weight"},
     {Part::unet, "model.diffusion_model.label_emb.0.0.weight"},
     {Part::vae, "first_stage_model.decoder.conv_in.weight"},
     {Part::text_encoder, "conditioner.embedders.0.transformer.text_model.embeddings.token_embedding.weight"},
     {Part::text_encoder_2, "conditioner.embedders.1.model.token_embedding.weight"}}};

void check_whole(const SafetensorsFile& file, const ComponentOverrides& overrides) {
  const auto& tensors = file.tensors();
  const bool is_refiner = tensors.contains(kRefinersEncoder);
  for (const auto& [part, name] : kNeeded) {
    const bool is_text = part == Part::text_encoder || part == Part::text_encoder_2;
    if (tensors.contains(name) || !overrides.of(part).empty() || (is_refiner && is_text)) continue;
    throw Error(ErrorCode::bad_data, file.path() + ": not an SDXL checkpoint, tensor \"" + name + "\" is missing");
  }
}

/// A UNet under its own name, which the rest is given for.
bool is_bare_unet(const SafetensorsFile& file) {
  const auto begins = [](const char* front) { return [front](const auto& t) { return t.first.starts_with(front); }; };
  const auto& tensors = file.tensors();
  return std::any_of(tensors.begin(), tensors.end(), begins("input_blocks.")) ||
         std::any_of(tensors.begin(), tensors.end(), begins("down_blocks.")) ||
         std::any_of(tensors.begin(), tensors.end(), begins("diffusion_model.input_blocks."));
}

}  // namespace

ModelLayout find_single_file(const std::string& path, const ComponentOverrides& overrides) {
  refuse_pickle(path);
  ModelLayout model(path, "single file");
  const auto file = std::make_shared<const SafetensorsFile>(path);
  const bool rest_is_given = !overrides.vae.empty() && !overrides.text_encoder_2.empty();
  const bool is_unet = rest_is_given && is_bare_unet(*file);
  refuse_foreign(*file, "an SDXL checkpoint", is_unet);
  if (!is_unet) check_whole(*file, overrides);
  model.files.push_back(file);
  if (is_unet)
    model.networks.unet = name_part_tensors(stored_sources(*file), Part::unet, path);
  else
    model.networks = name_checkpoint_tensors(*file, path);

  const auto carried = file->metadata().find("config");
  const ModelConfig config =
      carried == file->metadata().end() ? ModelConfig(path) : ModelConfig::parse(carried->second, path + ": config");
  // without a config: SDXL's own settings, which the networks know; depths and widths are those of the tensors
  if (config.has("unet")) model.unet = config.at("unet");
  if (config.has("vae")) model.vae = config.at("vae");
  if (config.has("text_encoder")) model.text_encoder = config.at("text_encoder");
  if (config.has("text_encoder_2")) model.text_encoder_2 = config.at("text_encoder_2");
  model.schedule = read_noise_schedule(config.at("scheduler"));
  read_marks(*file, model);
  override_components(model, overrides);
  check_networks(model);
  if (model.networks.text_encoder.empty()) model.zeros_for_empty_prompt = false;  // as the refiner was trained
  return model;
}

}  // namespace calotype::sdxl
