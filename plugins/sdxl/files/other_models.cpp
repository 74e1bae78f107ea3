#include "files/other_models.h"

#include <calotype/error.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

namespace calotype::sdxl {
namespace {

using std::string;
using std::string_view;

/// Something that is no SDXL checkpoint, and the tensor name that gives it away.
struct Other {
  enum { is, begins, contains, ends } how;
  string_view mark, what;
  bool is_part = false;  ///< one of SDXL's networks
};
constexpr std::array<Other, 34> kOthers{{
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
    {Other::begins, "single_transformer_blocks.", "a Flux model"},
    {Other::contains, "joint_blocks.0.", "a Stable Diffusion 3 model"},
    {Other::begins, "transformer_blocks.0.attn.add_", "a Stable Diffusion 3 or Flux model"},
    {Other::begins, "text_encoders.", "a checkpoint of Stable Diffusion 3, Flux or later"},
    {Other::begins, "cond_stage_model.transformer.", "a Stable Diffusion 1 checkpoint"},
    {Other::begins, "cond_stage_model.model.", "a Stable Diffusion 2 checkpoint"},
    {Other::begins, "string_to_param", "a textual inversion embedding"},
    {Other::begins, "emb_params", "a textual inversion embedding"},
    {Other::is, "clip_g", "a textual inversion embedding"},
    {Other::begins, "encoder.block.0.layer.0.SelfAttention.", "a T5 text encoder"},
    {Other::begins, "shared.", "a T5 text encoder"},
    {Other::begins, "decoder.layers.", "TAESD, a tiny autoencoder"},
    {Other::begins, "taesd_", "TAESD, a tiny autoencoder"},
    {Other::begins, "3.conv.0.", "TAESD, a tiny autoencoder"},
    {Other::begins, "decoder.3.conv.0.", "TAESD, a tiny autoencoder"},
    {Other::begins, "encoder.down.", "a VAE alone", true},
    {Other::begins, "decoder.up.", "a VAE alone", true},
    {Other::begins, "decoder.up_blocks.", "a VAE alone, from a diffusers folder", true},
    {Other::begins, "input_blocks.", "a UNet alone", true},
    {Other::begins, "diffusion_model.input_blocks.", "a UNet alone", true},
    {Other::begins, "down_blocks.", "a UNet alone, from a diffusers folder", true},
    {Other::begins, "text_model.", "a text encoder alone", true},
    {Other::begins, "encoder.layers.", "a text encoder alone", true},
    {Other::begins, "transformer.resblocks.", "a text encoder alone", true},
}};

bool matches(const Other& other, string_view name) {
  if (other.how == Other::is) return name == other.mark;
  if (other.how == Other::begins) return name.starts_with(other.mark);
  return other.how == Other::ends ? name.ends_with(other.mark) : name.find(other.mark) != name.npos;
}

}  // namespace

void refuse_others(const SafetensorsFile& file, const char* wanted, bool parts_allowed) {
  const auto& tensors = file.tensors();
  for (const auto& other : kOthers) {
    if (other.is_part && parts_allowed) continue;
    if (std::any_of(tensors.begin(), tensors.end(), [&](const auto& t) { return matches(other, t.first); }))
      throw Error(ErrorCode::bad_data, file.path() + ": found " + string(other.what) + ", wanted " + wanted);
  }
}

void refuse_pickle(const std::string& path) {
  constexpr std::array<const char*, 4> kPickles{".ckpt", ".pt", ".pth", ".bin"};
  const std::filesystem::path file(path);
  if (std::find(kPickles.begin(), kPickles.end(), file.extension()) == kPickles.end()) return;
  const std::string name = file.filename(), converted = file.stem().string() + ".safetensors";
  throw Error(
      ErrorCode::bad_data,
      path + ": a pickle, which can run code when it is opened, found " + file.extension().string() +
          ", wanted .safetensors; convert it with python -c \"import torch, safetensors.torch as s; d = torch.load('" +
          name +
          "', map_location='cpu', weights_only=True); d = d.get('state_dict', d); s.save_file({k: "
          "v.clone().contiguous() "
          "for k, v in "
          "d.items() if hasattr(v, 'shape')}, '" +
          converted + "')\"");
}

}  // namespace calotype::sdxl
