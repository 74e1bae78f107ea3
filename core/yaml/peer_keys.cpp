#include "yaml/peer_keys.h"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

namespace calotype {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

constexpr Pair kKeys[] = {{"cfg", "guidance_scale"},
                          {"cfg_scale", "guidance_scale"},
                          {"guidance", "guidance_scale"},
                          {"cfg_rescale", "guidance_rescale"},
                          {"skip_early_cond", "guidance_start"},
                          {"cache_interval", "deep_cache"},
                          {"token_merging_ratio", "token_merging"},
                          {"num_inference_steps", "steps"},
                          {"sampling_steps", "steps"},
                          {"sample_steps", "steps"},
                          {"negative", "negative_prompt"},
                          {"uncond", "negative_prompt"},
                          {"batch_size", "batch"},
                          {"batch_count", "images"},
                          {"n_iter", "images"},
                          {"num_images", "images"},
                          {"n", "images"},
                          {"num_images_per_prompt", "images"},
                          {"checkpoint", "model"},
                          {"ckpt", "model"},
                          {"ckpt_name", "model"},
                          {"sd_model_checkpoint", "model"},
                          {"pretrained_model_name_or_path", "model"},
                          {"sampler_name", "sampler"},
                          {"sampling_method", "sampler"},
                          {"sample_method", "sampler"},
                          {"schedule_type", "scheduler"},
                          {"noise_seed", "seed"},
                          {"subseed", "variation_seed"},
                          {"subseed_strength", "variation_strength"},
                          {"variation_seed_strength", "variation_strength"},
                          {"ensd", "eta_noise_seed_delta"},
                          {"generator", "seed"},
                          {"crops_coords_top_left", "crop"},
                          {"torch_dtype", "dtype"},
                          {"precision", "dtype"},
                          {"denoising_strength", "strength"},
                          {"denoise", "strength"},
                          {"denoising", "strength"},
                          {"init_image", "image"},
                          {"input_image", "image"},
                          {"init_img", "image"},
                          {"mask_image", "mask"},
                          {"inpainting_mask", "mask"},
                          {"vae", "model.vae"},
                          {"vae_name", "model.vae"},
                          {"sd_vae", "model.vae"},
                          {"hr_scale", "hires.scale"},
                          {"hr_upscaler", "hires.upscale"},
                          {"hr_second_pass_steps", "hires.steps"},
                          {"refiner_checkpoint", "refiner.model"},
                          {"refiner_switch_at", "refiner.start"},
                          {"inpaint_full_res", "only_masked"},
                          {"inpaint_full_res_padding", "mask_padding"},
                          {"output_path", "output"},
                          {"out", "output"},
                          {"clip_stop_at_last_layers", "clip_skip"},
                          {"eta", "sampler.eta"},
                          {"rho", "scheduler.rho"},
                          {"shift", "scheduler.shift"}};

constexpr Pair kOtherwise[] = {
    {"tiling", "images that tile are not made here; to decode in tiles, for less memory, write vae_tiling: on"},
    {"n_samples", "write images for how many, batch for how many at once"},
    {"lora", "LoRAs are not read here; merge it into the model's file"},
    {"loras", "LoRAs are not read here; merge them into the model's file"},
    {"controlnet", "ControlNets are not read here"},
    {"embeddings", "embeddings are not read here"},
    {"fp16", "write dtype: float16"},
    {"variant", "write it in the model's section: model: {path: ..., variant: fp16}"}};

constexpr Pair kTypes[] = {{"fp16", "float16"},          {"half", "float16"},         {"f16", "float16"},
                           {"torch.float16", "float16"}, {"bf16", "bfloat16"},        {"torch.bfloat16", "bfloat16"},
                           {"fp32", "float32"},          {"f32", "float32"},          {"full", "float32"},
                           {"float", "float32"},         {"torch.float32", "float32"}};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  return out;
}

template <size_t n>
std::string_view found(const Pair (&table)[n], std::string_view word) {
  for (const auto& [theirs, ours] : table)
    if (theirs == word) return ours;
  return "";
}

}  // namespace

std::string hint_for_key(std::string_view word) {
  const std::string theirs = lower(word);
  if (const auto ours = found(kKeys, theirs); !ours.empty()) return "here it is \"" + std::string(ours) + "\"";
  return std::string(found(kOtherwise, theirs));
}

std::string hint_for_value(std::string_view key, std::string_view value) {
  const std::string theirs = lower(value);
  if (key == "dtype")
    if (const auto ours = found(kTypes, theirs); !ours.empty()) return "here it is " + std::string(ours);
  if (key == "device" && theirs == "gpu") return "here it is cuda";
  if ((key == "seed" || key == "variation_seed") && (theirs == "-1" || theirs == "random" || theirs == "randomize"))
    return std::string(
               "no random seed is chosen here, so that every image can be made again; give a number, such as --set ") +
           std::string(key) + "=$RANDOM";
  return "";
}

}  // namespace calotype
