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

/// The progress of a run. Sent when a phase begins and after each model evaluation.
struct Progress {
  Phase phase = Phase::load;
  int image = 0, images = 1;    ///< number of the image, from 0, and number of all images
  int call = 0, calls = 0;      ///< model evaluations done for this image, and its total; total 0: not known
  double seconds_per_call = 0;  ///< mean time of this image's model evaluations so far
};

/// An approximate image during the run.
struct Preview {
  Image image;  ///< an eighth of the image's width and height; with a tiny decoder, full size
  Progress progress;
};

struct Statistics {
  /// Seconds of each Phase. For `write`: the time that the run waited, because an image is written while the next one
  /// is generated.
  std::array<double, kPhaseNames.size()> seconds{};
  double total_seconds = 0;
  int models_loaded = 0;  ///< 0 if the host still had the model
  int model_evaluations = 0;
  uint64_t process_start_bytes = 0;  ///< the process's resident memory before the run
  /// The process's highest resident memory during the run, by the kernel's mark. If the process had used more before
  /// the run, the mark says nothing about the run; then the highest value at the end of a phase and after each model
  /// evaluation.
  uint64_t process_peak_bytes = 0;
  uint64_t device_peak_bytes = 0;  ///< highest allocated memory of the CUDA device during the run
};

/// One finished image.
struct GeneratedImage {
  Image image;
  int index = 0;  ///< 0 to images-1
  uint64_t seed = 0;
  std::string path;                    ///< path of its file; empty: it was not written
  std::string parameters;              ///< the text `parameters` that A1111 and similar programs read
  std::string record;                  ///< JSON: everything that is needed to generate the image again
  std::vector<std::string> fallbacks;  ///< the part of Result::fallbacks that was in effect for this image
  double started = 0, finished = 0;    ///< seconds since 1970: when its generation began, and when its file was written
  Statistics statistics;               ///< of the run until this image was finished
};

/// The result of a run.
struct Result {
  std::vector<GeneratedImage> pictures;
  std::string latents_path;   ///< path of the safetensors file with the tensor `latents` [N,C,h,w]; empty: none
  std::string device, dtype;  ///< as resolved: "cuda:0", "bfloat16"
  std::vector<double> sigmas;
  std::vector<std::string> warnings;
  /// The fallbacks after memory ran out, in order: "vae_tiling: on", "memory: model_offload", "memory: block_offload".
  std::vector<std::string> fallbacks;
  Statistics statistics;
};

/// Callbacks and options of a run. The callbacks run on the thread that runs.
struct RunOptions {
  std::function<void(const Progress&)> progress;
  /// Called after every `preview_every`-th model evaluation of an image, with an approximate image of denoised: made by
  /// the model as it can: by a tiny decoder if it has one, else by a linear map of the latents' channels, or not at
  /// all. It costs no model evaluation.
  std::function<void(const Preview&)> preview;
  int preview_every = 1;
  /// Called once for each image, in order, after its file is written; usually between model evaluations of the next
  /// image.
  std::function<void(const GeneratedImage&)> finished;
  /// Checked between model evaluations. After a request to stop, the run ends with Error (cancelled); files that are
  /// written stay.
  std::stop_token stop;
  bool write_files = true;  ///< false: the images are only returned
  bool keep_pixels = true;  ///< false: Result::pictures contain no pixels, to save memory in runs of very many images
};

}  // namespace calotype
