#include <calotype/error.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "declaration.h"
#include "found_model.h"

namespace calotype::sdxl {
namespace {

using std::string;
using std::string_view;

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

void check_whole(const SafetensorsFile& file, const OtherParts& others) {
  const auto& tensors = file.tensors();
  const bool is_refiner = tensors.contains(kRefinersEncoder);
  for (const auto& [part, name] : kNeeded) {
    const bool is_text = part == Part::text_encoder || part == Part::text_encoder_2;
    if (tensors.contains(name) || !others.of(part).empty() || (is_refiner && is_text)) continue;
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

/// The shortest decimal number that a float32 stands for: what was meant before it was stored.
double meant(double stored) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), float(stored)).ptr;
  double value = stored;
  std::from_chars(text.data(), end, value);
  return value;
}

/// Playground 2.5's latents have a mean and a deviation, and this factor besides.
ModelConfig with_latents(const ModelConfig& vae, const std::vector<double>& mean,
                         const std::vector<double>& deviation) {
  constexpr double kPlaygroundScale = 0.5;
  JsonValue json = vae.value();
  json["latents_mean"] = mean;
  json["latents_std"] = deviation;
  if (!json.find("scaling_factor")) json["scaling_factor"] = kPlaygroundScale;
  return ModelConfig::parse(json.dump(), vae.where());
}

}  // namespace

void read_marks(const SafetensorsFile& file, FoundModel& model) {
  const auto& tensors = file.tensors();
  const auto values = [&](const char* name) { return values_of(tensors.at(name), name, file.path()); };
  const auto number = [&](const char* name) {
    const auto all = values(name);
    if (all.size() != 1)
      throw Error(ErrorCode::bad_data, file.path() + ": tensor \"" + name + "\", found " + std::to_string(all.size()) +
                                           " numbers, wanted 1");
    return tensors.at(name).dtype == "F32" ? meant(all.front()) : all.front();
  };
  const auto want_beside = [&](const char* name, const char* other) {
    if (tensors.contains(name) && !tensors.contains(other))
      throw Error(ErrorCode::bad_data,
                  file.path() + ": tensor \"" + name + "\", found no \"" + other + "\", wanted it beside");
  };
  want_beside("edm_mean", "edm_std");
  want_beside("edm_std", "edm_mean");
  want_beside("edm_vpred.sigma_min", "edm_vpred.sigma_max");
  if (tensors.contains("edm_mean") && tensors.contains("edm_vpred.sigma_max"))
    throw Error(ErrorCode::bad_data,
                file.path() + ": found tensors \"edm_mean\" and \"edm_vpred.sigma_max\", wanted one of them");
  NoiseSchedule& schedule = model.schedule;
  for (const char* key : {"modelspec.prediction_type", "modelspec.predict_key"})
    if (const auto said = file.metadata().find(key); said != file.metadata().end() && said->second.starts_with('v'))
      schedule.prediction = "v_prediction";
  if (tensors.contains("v_pred")) schedule.prediction = "v_prediction";
  if (tensors.contains("ztsnr")) schedule.zero_terminal_snr = true;
  if (tensors.contains("edm_vpred.sigma_max")) {
    schedule.prediction = "v_prediction";
    schedule.edm = Edm{.sigma_max = number("edm_vpred.sigma_max"), .sigma_data = 1};
    if (tensors.contains("edm_vpred.sigma_min")) schedule.edm->sigma_min = number("edm_vpred.sigma_min");
  }
  if (tensors.contains("edm_mean")) {
    schedule.prediction = "epsilon";
    schedule.edm = Edm{};
    model.vae = with_latents(model.vae, values("edm_mean"), values("edm_std"));
  }
}

FoundModel find_single_file(const std::string& path, const OtherParts& others) {
  refuse_pickle(path);
  FoundModel model(path, "single file");
  const auto file = std::make_shared<const SafetensorsFile>(path);
  const bool rest_is_given = !others.vae.empty() && !others.text_encoder_2.empty();
  const bool is_unet = rest_is_given && is_bare_unet(*file);
  refuse_others(*file, "an SDXL checkpoint", is_unet);
  if (!is_unet) check_whole(*file, others);
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
  replace_parts(model, others);
  check_networks(model);
  if (model.networks.text_encoder.empty()) model.zeros_for_empty_prompt = false;  // as the refiner was trained
  return model;
}

}  // namespace calotype::sdxl
