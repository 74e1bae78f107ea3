#pragma once
#include <calotype/settings.h>

#include "networks/layouts/component_overrides.h"
#include "networks/layouts/model_layout.h"
#include "networks/ops/attention_choice.h"

namespace calotype::networks {

// The settings that loaders of latent diffusion models share; each declares those that it has.
inline constexpr Setting kPrediction =
    choice("prediction_type", "auto", "auto|epsilon|v_prediction",
           "what the network predicts; auto: as the model's config or the tensor v_pred says");
inline constexpr Setting kZeroSnr =
    choice("zero_terminal_snr", "auto", "auto|yes|no",
           "last sigma is pure noise; auto: as the model's config or the tensor ztsnr says");
inline constexpr Setting kUnet =
    path("unet", "takes the UNet from this file or folder, under original or diffusers names");
inline constexpr Setting kVae = path("vae", "takes the VAE from this file or folder");
inline constexpr Setting kTinyDecoder =
    path("tiny_decoder", "decodes previews: TAESD for such latents, from this file or folder");
inline constexpr Setting kDecoder = choice(
    "decoder", "vae", "vae|tiny", "what decodes the image: the VAE, or tiny_decoder, in much less time and roughly");
inline constexpr Setting kVariant = choice(
    "variant", "auto", "auto|none|fp16", "which weight files of the folder; auto: those without a variant, else fp16");
inline constexpr Setting kRead = choice(
    "read", "map", "map|copy",
    "map: files are read while they are used, and an image during which one was changed is an error; copy: once and "
    "whole into memory, which takes the size of the files more");
inline constexpr Setting kAttention =
    choice("attention", "fixed", "fixed|measured|measured_text",
           "on a GPU. fixed: libtorch's rule, always the same kernel; measured: the UNet's fastest at its first use, "
           "so that images of "
           "two runs may differ in their last bits; measured_text: the same of attention to the text alone");
inline constexpr Setting kFusions = choice("fusions", "few", "few|all",
                                           "on a GPU. all: more of what stands between the UNet's products is done by "
                                           "one kernel each, the same image but for its last "
                                           "bits; no GPU has measured yet whether it is faster");

/// What a path setting says; "" where it says nothing.
std::string path_of(const Settings& settings, const Setting& setting);

/// The model with what the settings prediction_type, zero_terminal_snr, tiny_decoder and decoder say in the place of
/// what its files do. Throws Error (config, no_input, bad_data).
ModelLayout overruled(ModelLayout model, const Settings& settings);

/// What the settings read, fusions and attention say of how a model is loaded, and not of what it is.
struct LoadSettings {
  explicit LoadSettings(const Settings& settings);
  bool copies, fuses_all;
  AttentionRule attention;
};

}  // namespace calotype::networks
