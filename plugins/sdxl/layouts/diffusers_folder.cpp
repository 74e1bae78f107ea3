#include "layouts/diffusers_folder.h"

#include <calotype/error.h>
#include <calotype/file_kind.h>

#include <array>
#include <string_view>

#include "files/component_files.h"
#include "files/pickle.h"
#include "files/quote.h"
#include "layouts/network_check.h"
#include "layouts/part_widths.h"

namespace calotype::sdxl {
namespace {

using std::string;
using std::string_view;

struct Names {
  Part part;
  const char *name, *kind, *stem;
};
constexpr std::array<Names, 4> kParts{
    {{Part::unet, "unet", "UNet2DConditionModel", "diffusion_pytorch_model"},
     {Part::vae, "vae", "AutoencoderKL", "diffusion_pytorch_model"},
     {Part::text_encoder, "text_encoder", "CLIPTextModel", "model"},
     {Part::text_encoder_2, "text_encoder_2", "CLIPTextModelWithProjection", "model"}}};

/// Whether a folder lacks that part by design: the refiner reads no first text encoder.
bool is_left_out(const ModelConfig& index, const string& part) {
  const bool is_first = part == "text_encoder" || part == "tokenizer";
  if (!is_first || !index.boolean("requires_aesthetics_score", false)) return false;
  const JsonValue* found = index.value().find(part);
  const auto* pair = found ? found->as<JsonValue::List>() : nullptr;
  return !found || (pair && pair->size() == 2 && (*pair)[1].is_null());
}

string class_in(const ModelConfig& index, const string& part) {
  const JsonValue* found = index.value().find(part);
  const auto* pair = found ? found->as<JsonValue::List>() : nullptr;
  const auto* name = pair && pair->size() == 2 ? (*pair)[1].as<string>() : nullptr;
  return name ? *name : "none";
}

ModelConfig read_index(const string& folder, const ComponentOverrides& overrides) {
  const string path = folder + "/model_index.json";
  const ModelConfig index = ModelConfig::read(path);
  if (!index.text("_class_name", "").starts_with("StableDiffusionXL"))
    index.fail("_class_name", "StableDiffusionXLPipeline");
  for (const auto& part : kParts)
    if (const string kind = class_in(index, part.name);
        kind != part.kind && !is_left_out(index, part.name) && !(kind == "none" && !overrides.of(part.part).empty()))
      throw Error(ErrorCode::bad_data, path + ": component \"" + part.name + "\": want " + part.kind + ", got " +
                                           (kind == "none" ? kind : quote(kind)));
  return index;
}

TensorSources read_part(const Names& part, const string& folder, const string& variant, ModelLayout& model) {
  TensorSources out;
  const bool is_text = part.part == Part::text_encoder || part.part == Part::text_encoder_2;
  for (const auto& file : open_component(folder, part.stem, variant)) {
    for (const auto& [name, source] : stored_sources(*file)) {
      if (is_text && is_known_extra(name)) continue;
      const string known = is_text ? text_encoder_name(name) : part.part == Part::vae ? vae_name(name) : name;
      if (!out.try_emplace(known, source).second)
        throw Error(ErrorCode::bad_data,
                    file->path() + ": tensor " + quote(name) + ": want it or another that means the same, got both");
    }
    model.files.push_back(file);
  }
  return out;
}

void check_folder(const string& folder, const char* part) {
  if (!is_folder(folder))
    throw Error(ErrorCode::no_input, folder + ": want the component \"" + part + "\", got no such folder");
}

}  // namespace

ModelLayout find_diffusers_folder(const string& path, const string& variant, const ComponentOverrides& overrides) {
  string folder = path;
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  refuse_pickle(folder);
  const ModelConfig index = read_index(folder, overrides);
  ModelLayout model(folder, "diffusers folder");
  for (const Names& names : kParts) {
    if (is_left_out(index, names.name)) continue;
    const string part = folder + "/" + names.name;
    // one that is taken from elsewhere need not be there, but may tell its settings
    const bool is_elsewhere = !overrides.of(names.part).empty();
    if (is_elsewhere && !is_there(part + "/config.json")) continue;
    check_folder(part, names.name);
    model.config(names.part) = ModelConfig::read(part + "/config.json");
    if (!is_elsewhere) model.sources(names.part) = read_part(names, part, variant, model);
  }
  check_folder(folder + "/scheduler", "scheduler");
  model.schedule = read_noise_schedule(ModelConfig::read(folder + "/scheduler/scheduler_config.json"));
  for (const auto& [part, place] :
       {std::pair{"tokenizer", &model.tokenizer}, std::pair{"tokenizer_2", &model.tokenizer_2}}) {
    if (is_left_out(index, part)) continue;
    *place = folder + "/" + part;
    check_folder(*place, part);
  }
  model.zeros_for_empty_prompt = index.boolean("force_zeros_for_empty_prompt", true);
  override_components(model, overrides);
  check_networks(model);
  if (index.boolean("requires_aesthetics_score", false) && !reads_aesthetic_score(model))
    index.fail("requires_aesthetics_score", "false, as the UNet reads six numbers beside the text and not five");
  return model;
}

}  // namespace calotype::sdxl
