#include "networks/files/foreign_files.h"

#include <calotype/error.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace calotype::networks {
namespace {

using std::string;
using std::string_view;

/// Something that may be no checkpoint of the family that is wanted, and the tensor name that gives it away.
struct Foreign {
  enum { is, begins, contains, ends } how;
  string_view mark, what;
  bool is_alone = false;        ///< one network
  string_view family = "none";  ///< of which it is a checkpoint
};
constexpr std::array<Foreign, 35> kForeign{{
    {Foreign::ends, ".lora_down.weight", "a LoRA, which changes a model"},
    {Foreign::contains, ".lora_A.", "a LoRA, which changes a model"},
    {Foreign::contains, ".lora_linear_layer.", "a LoRA, which changes a model"},
    {Foreign::contains, ".hada_w1_a", "a LyCORIS (LoHa), which changes a model"},
    {Foreign::contains, ".lokr_w", "a LyCORIS (LoKr), which changes a model"},
    {Foreign::begins, "control_model.", "a ControlNet"},
    {Foreign::begins, "controlnet_", "a ControlNet"},
    {Foreign::begins, "input_hint_block.", "a ControlNet"},
    {Foreign::begins, "image_proj.", "an IP-Adapter"},
    {Foreign::contains, "double_blocks.0.", "a Flux model"},
    {Foreign::begins, "single_transformer_blocks.", "a Flux model"},
    {Foreign::contains, "joint_blocks.0.", "a Stable Diffusion 3 model"},
    {Foreign::begins, "transformer_blocks.0.attn.add_", "a Stable Diffusion 3 or Flux model"},
    {Foreign::begins, "text_encoders.", "a checkpoint of Stable Diffusion 3, Flux or later"},
    {Foreign::begins, "cond_stage_model.transformer.", "a Stable Diffusion 1 checkpoint", false, "sd"},
    {Foreign::begins, "cond_stage_model.model.", "a Stable Diffusion 2 checkpoint", false, "sd"},
    {Foreign::begins, "conditioner.embedders.", "a Stable Diffusion XL checkpoint", false, "sdxl"},
    {Foreign::begins, "string_to_param", "a textual inversion embedding"},
    {Foreign::begins, "emb_params", "a textual inversion embedding"},
    {Foreign::is, "clip_g", "a textual inversion embedding"},
    {Foreign::begins, "encoder.block.0.layer.0.SelfAttention.", "a T5 text encoder"},
    {Foreign::begins, "shared.", "a T5 text encoder"},
    {Foreign::begins, "decoder.layers.", "TAESD, a tiny autoencoder"},
    {Foreign::begins, "taesd_", "TAESD, a tiny autoencoder"},
    {Foreign::begins, "3.conv.0.", "TAESD, a tiny autoencoder"},
    {Foreign::begins, "decoder.3.conv.0.", "TAESD, a tiny autoencoder"},
    {Foreign::begins, "encoder.down.", "a VAE alone", true},
    {Foreign::begins, "decoder.up.", "a VAE alone", true},
    {Foreign::begins, "decoder.up_blocks.", "a VAE alone, from a diffusers folder", true},
    {Foreign::begins, "input_blocks.", "a UNet alone", true},
    {Foreign::begins, "diffusion_model.input_blocks.", "a UNet alone", true},
    {Foreign::begins, "down_blocks.", "a UNet alone, from a diffusers folder", true},
    {Foreign::begins, "text_model.", "a text encoder alone", true},
    {Foreign::begins, "encoder.layers.", "a text encoder alone", true},
    {Foreign::begins, "transformer.resblocks.", "a text encoder alone", true},
}};

bool matches(const Foreign& foreign, string_view name) {
  if (foreign.how == Foreign::is) return name == foreign.mark;
  if (foreign.how == Foreign::begins) return name.starts_with(foreign.mark);
  return foreign.how == Foreign::ends ? name.ends_with(foreign.mark) : name.find(foreign.mark) != name.npos;
}

}  // namespace

void refuse_foreign(const SafetensorsFile& file, string_view family, const char* wanted, bool lone_networks_allowed) {
  const auto& tensors = file.tensors();
  for (const auto& foreign : kForeign) {
    if ((foreign.is_alone && lone_networks_allowed) || foreign.family == family) continue;
    if (std::any_of(tensors.begin(), tensors.end(), [&](const auto& t) { return matches(foreign, t.first); }))
      throw Error(ErrorCode::bad_data, file.path() + ": want " + wanted + ", got " + string(foreign.what));
  }
}

}  // namespace calotype::networks
