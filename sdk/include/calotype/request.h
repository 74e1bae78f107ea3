#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace calotype {

/// Pixels, height first, as diffusers orders its micro-conditioning.
struct Size {
  int height = 0, width = 0;
  bool operator==(const Size&) const = default;
};

/// How the first latents are made from unit noise.
enum class InitialNoise {
  unit_variance,  ///< noise * sqrt(sigma_max^2 + 1): the variance of noisy data; ComfyUI, diffusers' DPM-Solver and leading spacing
  sigma           ///< noise * sigma_max: k-diffusion, A1111, diffusers' Euler with linspace and trailing spacing
};

/// What is asked of a pipeline. Checked: ranges hold, and what depends on the model (width, height) is filled in.
struct Request {
  std::string prompt;
  std::optional<std::string> prompt_2;           ///< for the second text encoder; `prompt` when absent
  std::optional<std::string> negative_prompt;    ///< absent: zeros in place of its encoding, where the model was trained so
  std::optional<std::string> negative_prompt_2;
  int width = 0, height = 0;                     ///< pixels
  int steps = 30;
  double guidance_scale = 5;                     ///< 1: no guidance, and half the work
  double guidance_rescale = 0;                   ///< [0,1]: Lin et al. 2023, section 3.4, arXiv:2305.08891
  int clip_skip = 0;                             ///< text encoder layers left out before the one that SDXL reads
  uint64_t seed = 0;                             ///< of image 0; image k has seed + k
  int images = 1;
  std::optional<Size> original_size, target_size, crop;   ///< micro-conditioning; crop is top, left
  std::optional<Size> negative_original_size, negative_target_size, negative_crop;
  bool round_timesteps = false;                  ///< the model sees whole timesteps, as diffusers' DPM-Solver shows it
  InitialNoise initial_noise = InitialNoise::unit_variance;
};

}  // namespace calotype
