#pragma once
#include <calotype/image.h>
#include <calotype/request_options.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace calotype {

/// How the first latents are made from unit noise.
enum class InitialNoise {
  unit_variance,  ///< noise * sqrt(sigma_max^2 + 1): the variance of noisy data; ComfyUI, diffusers' DPM-Solver and
                  ///< leading spacing
  sigma           ///< noise * sigma_max: k-diffusion, A1111, diffusers' Euler with linspace and trailing spacing
};

/// How a prompt is read: docs/prompts.md.
enum class PromptSyntax {
  plain,   ///< diffusers: every character is text, and what is too long is cut off
  a1111,   ///< weights, chunks, BREAK and changes over the steps as A1111 has them
  comfyui  ///< weights and chunks as ComfyUI has them
};

/// Whether a model's calls on CUDA are recorded and then launched as a whole. The image does not depend on it.
enum class CudaGraphs {
  automatic,  ///< from the second use of a size on: recording takes about the time of two calls
  on,         ///< from the second call on
  off
};

/// How a denoiser will be called: by the scheduler and the sampler of the run, not by the request.
struct DenoiserUse {
  std::vector<double> sigmas;  ///< falling: the ends of the steps, for prompts that change; empty before a run
  bool unconditional = false;  ///< Denoiser::denoise_guided is called
};

/// What is asked of a pipeline. Checked: ranges hold, and what depends on the model (width, height) is filled in.
struct Request {
  /// Whether the negative prompt is of any use.
  bool takes_negative(const DenoiserUse& use) const { return guidance_scale != 1 || use.unconditional; }
  /// Of an image: those of variations share it.
  uint64_t seed_of(int image) const { return variation_strength > 0 ? seed : seed + uint64_t(image); }

  std::string prompt;
  std::optional<std::string>
      negative_prompt;  ///< absent: zeros in place of its encoding, where the model was trained so
  PromptSyntax prompt_syntax = PromptSyntax::plain;
  int width = 0, height = 0;  ///< pixels
  int steps = 30;
  double guidance_scale = 5;    ///< [0,100]; 1: no guidance, and half the work; below it nearer to the negative prompt
  double guidance_rescale = 0;  ///< [0,1]: Lin et al. 2023, section 3.4, arXiv:2305.08891
  double guidance_start = 0, guidance_end = 1;  ///< [0,1]: the part of the steps with guidance: arXiv:2404.07724
  CudaGraphs cuda_graphs = CudaGraphs::automatic;
  uint64_t seed = 0;  ///< of image 0; image k has seed + k, or, where they are variations, the same
  std::optional<uint64_t> variation_seed;  ///< of other noise for image 0; image k has variation_seed + k
  double variation_strength = 0;           ///< [0,1]: how far each image's noise is turned to that; 0: not at all
  uint64_t eta_noise_seed_delta = 0;       ///< added to the seed for the noise of a sampler's steps
  int images = 1;
  int batch = 1;                 ///< how many of them are generated at once
  bool round_timesteps = false;  ///< the model sees whole timesteps, as diffusers' DPM-Solver shows it
  InitialNoise initial_noise = InitialNoise::unit_variance;

  std::shared_ptr<const Image> image;  ///< what to begin with, of any size; null: nothing
  std::shared_ptr<const Image> mask;   ///< white is regenerated, black kept; of the size of `image`
  double refiner_start = 0;            ///< where in [0,1] the second model takes over; 0: there is none
  int refiner_start_step = 0;          ///< how many steps the first model makes then; 0: by refiner_start

  RequestOptions options;  ///< the keys that the loader and the pipeline of the run declare
};

}  // namespace calotype
