#include <calotype/error.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "found_model.h"

namespace calotype::sdxl {
namespace {

using std::string;
using std::string_view;

/// Something that is no SDXL checkpoint, and the tensor name that gives it away.
struct Other {
  enum { begins, contains, ends } how;
  string_view mark, what;
};
constexpr std::array<Other, 26> kOthers{{
    {Other::ends, ".lora_down.weight", "a LoRA, which changes a model"},
    {Other::contains, ".lora_A.", "a LoRA, which changes a model"},
    {Other::contains, ".lora_linear_layer.", "a LoRA, which changes a model"},
    {Other::contains, ".hada_w1_a", "a LyCORIS (LoHa), which changes a model"},
    {Other::contains, ".lokr_w", "a LyCORIS (LoKr), which changes a model"},
    {Other::begins, "control_model.", "a ControlNet"},
    {Other::begins, "controlnet_", "a ControlNet"},
    {Other::begins, "input_hint_block.", "a ControlNet"},
    {Other::begins, "image_proj.", "an IP-Adapter"},
    {Other::contains, "double_blocks.0.", "a Flux model"},
    {Other::contains, "joint_blocks.0.", "a Stable Diffusion 3 model"},
    {Other::begins, "cond_stage_model.transformer.", "a Stable Diffusion 1 checkpoint"},
    {Other::begins, "cond_stage_model.model.", "a Stable Diffusion 2 checkpoint"},
    {Other::begins, "conditioner.embedders.0.model.", "an SDXL refiner"},
    {Other::begins, "edm_vpred.", "a CosXL checkpoint, of another noise schedule"},
    {Other::begins, "edm_mean", "a Playground v2.5 checkpoint, of another noise schedule"},
    {Other::begins, "string_to_param", "a textual inversion embedding"},
    {Other::begins, "emb_params", "a textual inversion embedding"},
    {Other::begins, "clip_g", "a textual inversion embedding"},
    {Other::begins, "encoder.down.", "a VAE alone"},
    {Other::begins, "decoder.up.", "a VAE alone"},
    {Other::begins, "decoder.up_blocks.", "a VAE alone, from a diffusers folder"},
    {Other::begins, "input_blocks.", "a UNet alone"},
    {Other::begins, "down_blocks.", "a UNet alone, from a diffusers folder"},
    {Other::begins, "text_model.", "a text encoder alone"},
    {Other::begins, "transformer.resblocks.", "a text encoder alone"},
}};

constexpr std::array<string_view, 5> kNeeded{
    "model.diffusion_model.input_blocks.0.0.weight", "model.diffusion_model.label_emb.0.0.weight",
    "first_stage_model.decoder.conv_in.weight",
    "conditioner.embedders.0.transformer.text_model.embeddings.token_embedding.weight",
    "conditioner.embedders.1.model.token_embedding.weight"};

bool matches(const Other& other, string_view name) {
  if (other.how == Other::begins) return name.starts_with(other.mark);
  return other.how == Other::ends ? name.ends_with(other.mark) : name.find(other.mark) != name.npos;
}

void check_kind(const SafetensorsFile& file) {
  const auto& tensors = file.tensors();
  for (const auto& other : kOthers)
    if (std::any_of(tensors.begin(), tensors.end(), [&](const auto& t) { return matches(other, t.first); }))
      throw Error(ErrorCode::bad_data, file.path() + ": found " + string(other.what) + ", wanted an SDXL checkpoint");
  for (const auto& name : kNeeded)
    if (!tensors.contains(string(name)))
      throw Error(ErrorCode::bad_data, file.path() + ": not an SDXL checkpoint, tensor \"" + string(name) + "\" is missing");
}

}  // namespace

FoundModel find_single_file(const std::string& path) {
  refuse_pickle(path);
  FoundModel model(path, "single file");
  const auto file = std::make_shared<const SafetensorsFile>(path);
  check_kind(*file);
  model.files.push_back(file);
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
  if (file->tensors().contains("v_pred")) model.schedule.prediction = "v_prediction";
  if (file->tensors().contains("ztsnr")) model.schedule.zero_terminal_snr = true;
  return model;
}

}  // namespace calotype::sdxl
