#pragma once
#include <calotype/image.h>

#include <array>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace calotype {

enum class Phase { load, encode, sample, decode, write };
inline constexpr std::array<std::string_view, 5> kPhaseNames{"load", "encode", "sample", "decode", "write"};

/// Where a run is. Sent when a phase begins and after each model evaluation.
struct Progress {
  Phase phase = Phase::load;
  int image = 0, images = 1;    ///< which image of how many
  int call = 0, calls = 0;      ///< model evaluations done for this image, and all that it takes (0: not known)
  double seconds_per_call = 0;  ///< of the calls of this image so far
};

/// What an image looks like so far.
struct Preview {
  Image image;  ///< an eighth of the image's width and height; by a tiny decoder all of them
  Progress progress;
};

struct Statistics {
  /// Of each Phase; of `write` what the run waited for: an image is written while the next is drawn.
  std::array<double, kPhaseNames.size()> seconds{};
  double total_seconds = 0;
  int models_loaded = 0;  ///< 0 where the host still had the model
  int model_evaluations = 0;
  uint64_t process_start_bytes = 0;  ///< resident memory before the run
  /// Highest resident memory during the run. Where the process took more before, so that the kernel's mark says nothing
  /// of the run: the highest that was seen at the end of a phase and after each model evaluation.
  uint64_t process_peak_bytes = 0;
  uint64_t device_peak_bytes = 0;  ///< highest memory allocated on the CUDA device during the run
};

/// One finished image.
struct GeneratedImage {
  Image image;
  int index = 0;  ///< 0 to images-1
  uint64_t seed = 0;
  std::string path;                    ///< the file it was written to; empty when it was not
  std::string parameters;              ///< the text that A1111 and its friends read
  std::string record;                  ///< JSON: everything needed to draw it again
  std::vector<std::string> fallbacks;  ///< Result::fallbacks, as far as it was drawn with them
  double started = 0, finished = 0;    ///< seconds since 1970: when its turn came, and when its file was there
  Statistics statistics;               ///< of the run until it was drawn
};

/// What came of a run.
struct Result {
  std::vector<GeneratedImage> images;
  std::string latents_path;   ///< the safetensors file with `latents` [N,4,H/8,W/8], or empty
  std::string device, dtype;  ///< as resolved: "cuda:0", "bfloat16"
  std::vector<double> sigmas;
  std::vector<std::string> warnings;
  /// What was done after memory ran out, in order: "vae_tiling: on", "memory: model_offload", "memory: block_offload".
  std::vector<std::string> fallbacks;
  Statistics statistics;
};

/// How a run is watched. The functions are called on the thread that runs.
struct RunOptions {
  std::function<void(const Progress&)> progress;
  /// Called after every `preview_every`-th model evaluation of an image, with a rough image made from the model's
  /// estimate: by the model's tiny decoder where it has one, else by a linear map, whose colours are right for SDXL's
  /// autoencoder. Costs no model evaluation.
  std::function<void(const Preview&)> preview;
  int preview_every = 1;
  /// Called once for each image, in their order, when its file is written: between model evaluations of the next one,
  /// mostly.
  std::function<void(const GeneratedImage&)> finished;
  /// Asked for between model evaluations: the run then ends with Error (cancelled); images that are written stay.
  std::stop_token stop;
  bool write_files = true;  ///< false: images are only returned
  bool keep_pixels = true;  ///< false: Result::images have no pixels, for runs of very many images
};

}  // namespace calotype
