#include "sdxl/layouts.h"

#include <calotype/error.h>

#include <algorithm>
#include <array>

#include "networks/layouts/declaration.h"
#include "networks/layouts/diffusers_folder.h"
#include "networks/layouts/single_file.h"
#include "networks/layouts/size_numbers.h"

namespace calotype::sdxl {
namespace {

using namespace networks;
using std::string;

constexpr const char* kRefinersEncoder = "conditioner.embedders.0.model.token_embedding.weight";

/// A tensor that a checkpoint has, of a network that may be given in its place.
struct Needed {
  ComponentId id;
  const char* name;
};
constexpr std::array<Needed, 5> kNeeded{
    {{ComponentId::unet, "model.diffusion_model.input_blocks.0.0.weight"},
     {ComponentId::unet, "model.diffusion_model.label_emb.0.0.weight"},
     {ComponentId::vae, "first_stage_model.decoder.conv_in.weight"},
     {ComponentId::text_encoder, "conditioner.embedders.0.transformer.text_model.embeddings.token_embedding.weight"},
     {ComponentId::text_encoder_2, "conditioner.embedders.1.model.token_embedding.weight"}}};

void check_checkpoint(const SafetensorsFile& file, const ComponentOverrides& overrides) {
  const auto& tensors = file.tensors();
  const bool is_refiner = tensors.contains(kRefinersEncoder);
  for (const auto& [id, name] : kNeeded) {
    const bool is_text = id == ComponentId::text_encoder || id == ComponentId::text_encoder_2;
    if (tensors.contains(name) || !overrides.of(id).empty() || (is_refiner && is_text)) continue;
    throw Error(ErrorCode::bad_data, file.path() + ": not an SDXL checkpoint, tensor \"" + name + "\" is missing");
  }
}

/// The refiner reads no first text encoder.
bool is_left_out(const ModelConfig& index, const string& name) {
  const bool is_first = name == "text_encoder" || name == "tokenizer";
  if (!is_first || !index.boolean("requires_aesthetics_score", false)) return false;
  const JsonValue* found = index.value().find(name);
  const auto* pair = found ? found->as<JsonValue::List>() : nullptr;
  return !found || (pair && pair->size() == 2 && (*pair)[1].is_null());
}

/// The refiner has OpenCLIP's encoder only.
constexpr std::array<TextEncoderPrefix, 3> kTextEncoders{
    {{ComponentId::text_encoder_2, "conditioner.embedders.1.model.", name_open_clip},
     {ComponentId::text_encoder_2, "conditioner.embedders.0.model.", name_open_clip},
     {ComponentId::text_encoder, "conditioner.embedders.0.transformer.", name_text_encoder}}};
/// The first encoder's projection.
constexpr std::array<std::string_view, 2> kUnread{"conditioner.embedders.0.transformer.text_projection.weight",
                                                  "conditioner.embedders.0.text_projection.weight"};
constexpr std::array<Family::ComponentClass, 4> kComponents{
    {{ComponentId::unet, "UNet2DConditionModel"},
     {ComponentId::vae, "AutoencoderKL"},
     {ComponentId::text_encoder, "CLIPTextModel"},
     {ComponentId::text_encoder_2, "CLIPTextModelWithProjection"}}};

constexpr Family kFamily{.names = {.id = "sdxl",
                                   .family = "SDXL",
                                   .checkpoint = "an SDXL checkpoint",
                                   .unread = kUnread,
                                   .text_encoders = kTextEncoders},
                         .text_encoder = ComponentId::text_encoder_2,
                         .reads_sizes = true,
                         .sample_size = 128,
                         .components = kComponents,
                         .pipeline = "StableDiffusionXLPipeline",
                         .is_pipeline = [](std::string_view name) { return name.starts_with("StableDiffusionXL"); },
                         .is_left_out = is_left_out,
                         .check_checkpoint = check_checkpoint,
                         .complete = nullptr};

/// Whether the UNet reads five numbers beside the text, as the refiner's does, the fifth of which is how well the image
/// is to be liked; and not six.
bool reads_aesthetic_score(const ModelLayout& model) {
  return size_numbers(Found(model.networks.unet).size("add_embedding.linear_1.weight", 1),
                      Found(model.networks.text_encoder_2).size("text_projection.weight", 0), model.unet)
             .count == 5;
}

}  // namespace

const Family& family() {
  return kFamily;
}

ModelLayout find_diffusers_folder(const string& path, const string& variant, const ComponentOverrides& overrides) {
  ModelLayout model = read_diffusers_folder(path, variant, kFamily, overrides);
  model.zeros_for_empty_prompt = model.index.boolean("force_zeros_for_empty_prompt", true);
  if (model.index.boolean("requires_aesthetics_score", false) && !reads_aesthetic_score(model))
    model.index.fail("requires_aesthetics_score", "false, as the UNet reads six numbers beside the text and not five");
  return model;
}

ModelLayout find_single_file(const string& path, const ComponentOverrides& overrides) {
  ModelLayout model = read_single_file(path, kFamily, overrides);
  model.zeros_for_empty_prompt = !model.networks.text_encoder.empty();  // as the refiner was trained
  return model;
}

}  // namespace calotype::sdxl
