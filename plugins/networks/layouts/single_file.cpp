#include "networks/layouts/single_file.h"

#include <calotype/error.h>

#include <algorithm>
#include <array>

#include "networks/files/foreign_files.h"
#include "networks/files/refuse_pickle.h"
#include "networks/layouts/network_check.h"
#include "networks/layouts/schedule_marks.h"

namespace calotype::networks {
namespace {

/// A UNet under its own name, which the rest is given for.
bool is_bare_unet(const SafetensorsFile& file) {
  const auto begins = [](const char* front) { return [front](const auto& t) { return t.first.starts_with(front); }; };
  const auto& tensors = file.tensors();
  return std::any_of(tensors.begin(), tensors.end(), begins("input_blocks.")) ||
         std::any_of(tensors.begin(), tensors.end(), begins("down_blocks.")) ||
         std::any_of(tensors.begin(), tensors.end(), begins("diffusion_model.input_blocks."));
}

}  // namespace

ModelLayout read_single_file(const std::string& path, const Family& family, const ComponentOverrides& overrides) {
  refuse_pickle(path);
  ModelLayout model(family, path, "single file");
  const auto file = std::make_shared<const SafetensorsFile>(path);
  const bool rest_is_given = !overrides.vae.empty() && !overrides.of(family.text_encoder).empty();
  const bool is_unet = rest_is_given && is_bare_unet(*file);
  refuse_foreign(*file, family.names.id, family.names.checkpoint, is_unet);
  if (!is_unet) family.check_checkpoint(*file, overrides);
  model.files.push_back(file);
  if (is_unet)
    model.networks.unet = name_component_tensors(stored_sources(*file), ComponentId::unet, family.names, path);
  else
    model.networks = name_checkpoint_tensors(*file, family.names, path);

  const auto carried = file->metadata().find("config");
  const ModelConfig config =
      carried == file->metadata().end() ? ModelConfig(path) : ModelConfig::parse(carried->second, path + ": config");
  // without a config: the family's own settings; depths and widths are those of the tensors
  if (config.has("unet")) model.unet = config.at("unet");
  if (config.has("vae")) model.vae = config.at("vae");
  if (config.has("text_encoder")) model.text_encoder = config.at("text_encoder");
  if (config.has("text_encoder_2")) model.text_encoder_2 = config.at("text_encoder_2");
  model.schedule = read_noise_schedule(config.at("scheduler"));
  read_marks(*file, model);
  override_components(model, overrides);
  if (family.complete) family.complete(model);
  check_networks(model);
  return model;
}

}  // namespace calotype::networks
