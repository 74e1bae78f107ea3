#pragma once
#include <calotype/export.h>
#include <calotype/host/entry.h>
#include <calotype/host/noise_kind.h>
#include <calotype/request.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace calotype {

/// A chosen entry, with a value for each setting that it declares.
struct Choice {
  EntryInfo entry;
  std::string name;  ///< the name that finds it: its id, or "vendor/id" if several libraries share the id
  std::map<std::string, Value> settings;
  std::vector<std::string> warnings{};  ///< warnings about settings that were given under an older name
  std::string place{};                  ///< position of the choice in the config, as messages write it: "a.yaml:7:12"
};

/// A restart: from the sigma nearest to sigma_min back up to sigma_max, and down again in `steps` steps, `times` times.
/// Xu et al. 2023, arXiv:2306.14878.
struct RestartSegment {
  double sigma_min = 0, sigma_max = 0;
  int steps = 0, times = 1;
  bool operator==(const RestartSegment&) const = default;
};
struct Restart {
  std::string preset;  ///< empty: no preset; the config lists the segments, or there are none
  std::vector<RestartSegment> segments;
  std::string place{};  ///< position in the config; empty: the sampler's own restart
};

/// The number type that the model computes in.
enum class Dtype { automatic, float32, bfloat16, float16 };

/// Where the weights are: calotype::Memory, or automatic: what is free decides.
enum class MemoryChoice {
  automatic,
  full,
  model_offload,
  block_offload,
  force  ///< automatic, and start even if the run is predicted not to fit
};

/// How linear layers are stored: calotype::Quantization.
enum class Quantize { none, int8, fp8, nf4 };

/// Whether the VAE decodes tile by tile.
enum class VaeTiling {
  automatic,  ///< if the image would not fit otherwise
  on,
  off
};

/// What happens to a file that exists where an output is to be written.
enum class IfExists {
  error,      ///< an error, before anything is generated
  skip,       ///< its image is not generated
  overwrite,  ///< it is replaced
  number      ///< it is kept; the output becomes name-2.png
};

/// A config whose names are all known, whose values are all in range and whose defaults are filled in.
struct ResolvedConfig {
  std::string name;   ///< what messages call the config: the path of its file
  std::string time;   ///< when it was resolved, local time: 2025-01-31_23-59-59
  Request request;    ///< width and height are 0 if not given; then the model decides
  std::string model;  ///< absolute path of a file or folder that exists
  Choice loader, pipeline, scheduler, sampler;
  std::string image,
      mask;             ///< source: an absolute path, base64 or a data URI; empty: none
  std::string refiner;  ///< the second model, like `model`; empty: none
  Choice refiner_loader;
  bool expand_prompts = true;              ///< expand {a|b} and __name__ in prompts, unless prompt_syntax is plain
  std::string wildcards;                   ///< absolute path of the folder with wildcard files for prompts; empty: none
  NoiseKind noise = NoiseKind::automatic;  ///< never automatic once resolved
  Restart restart;
  bool discard_next_to_last_sigma = false;  ///< make the schedule a step longer and drop its next-to-last sigma
  std::string device = "auto";              ///< auto, cpu, cuda, cuda:N
  Dtype dtype = Dtype::automatic;
  bool allow_tf32 = false;  ///< on a GPU, float32 matrix products use 10 of the fraction's 23 bits
  MemoryChoice memory = MemoryChoice::automatic;
  VaeTiling vae_tiling = VaeTiling::automatic;
  Quantize quantize = Quantize::none;
  std::string output = "{prompt}-{seed}.png";  ///< path template, relative to the working directory
  IfExists exists = IfExists::error;
  bool model_hash = true;                 ///< write the first digits of the model's SHA-256 into the parameters
  std::optional<std::string> latents;     ///< path template of a .safetensors file; absent: none is written
  std::vector<std::string> plugin_paths;  ///< absolute

  /// A config in JSON, on one line, that generates the same images again: numbers are exact. It has no output and no
  /// plugin paths. Config::from_json reads it.
  CALOTYPE_API std::string to_json() const;
};

}  // namespace calotype
