#pragma once
#include <calotype/host/entry.h>
#include <calotype/host/noise_kind.h>
#include <calotype/request.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace calotype {

/// A chosen entry with a value for each setting that it declares.
struct Choice {
  EntryInfo entry;
  std::string name;  ///< the name that finds it again: its id, or "vendor/id" where libraries share the id
  std::map<std::string, Value> settings;
  std::vector<std::string> warnings{};  ///< of settings that were given under an older name
  std::string place{};                  ///< where it was chosen, as messages say it: "a.yaml:7:12"
};

/// A way back of restart sampling: from the sigma nearest to sigma_min up to sigma_max and down again in `steps`
/// steps.
struct RestartSegment {
  double sigma_min = 0, sigma_max = 0;
  int steps = 0, times = 1;
  bool operator==(const RestartSegment&) const = default;
};
struct Restart {
  std::string preset;  ///< empty: segments of the config's own, or none
  std::vector<RestartSegment> segments;
  std::string place{};  ///< where a config says so; empty: it is the sampler's own
};

/// What the networks compute in.
enum class Dtype { automatic, float32, bfloat16, float16 };

/// Where the weights are: calotype::Memory, or what is free decides.
enum class MemoryChoice {
  automatic,
  full,
  model_offload,
  block_offload,
  force  ///< automatic, and begin where it is predicted not to fit
};

/// How linear layers are kept: calotype::Quantization.
enum class Quantize { none, int8, fp8, nf4 };

/// Whether the image is decoded tile by tile.
enum class VaeTiling {
  automatic,  ///< where it would not fit otherwise
  on,
  off
};

/// What becomes of a file that is there where an output is to be written.
enum class IfExists {
  error,      ///< before anything is generated
  skip,       ///< its image is left out
  overwrite,  ///< it is replaced
  number      ///< it is kept, beside name-2.png
};

/// A config of which every name is known, every value is in its range and every default is filled in.
struct ResolvedConfig {
  std::string name;   ///< what messages call the config: its file
  std::string time;   ///< when it was resolved, in local time: 2025-01-31_23-59-59
  Request request;    ///< width, height: 0 where not given; the model knows
  std::string model;  ///< absolute path of a file or folder that exists
  Choice loader, pipeline, scheduler, sampler;
  std::string image,
      mask;  ///< where request.image and mask come from: an absolute path, base64 or a data URI; empty: nowhere
  std::string refiner;  ///< the second model, as `model`; empty: there is none
  Choice refiner_loader;
  bool expand_prompts = true;  ///< {a|b} and __name__ in prompts are to be drawn, unless prompt_syntax is plain
  std::string wildcards;       ///< the folder of the files that prompts draw from, absolute; empty: none
  NoiseKind noise = NoiseKind::automatic;  ///< resolved: never automatic
  Restart restart;
  bool discard_next_to_last_sigma = false;  ///< of a schedule that is a step longer, as ComfyUI for some samplers
  std::string device = "auto";              ///< auto, cpu, cuda, cuda:N
  Dtype dtype = Dtype::automatic;
  bool allow_tf32 = false;  ///< on a GPU, float32 products read 10 bits of a fraction's 23
  MemoryChoice memory = MemoryChoice::automatic;
  VaeTiling vae_tiling = VaeTiling::automatic;
  Quantize quantize = Quantize::none;
  std::string output = "{prompt}-{seed}.png";  ///< template, relative to the working directory
  IfExists exists = IfExists::error;
  bool model_hash = true;                 ///< whether the text for A1111 says the first digits of the model's SHA-256
  std::optional<std::string> latents;     ///< template of a .safetensors file; absent: none is written
  std::vector<std::string> plugin_paths;  ///< absolute

  /// A config that runs again alike, on one line: numbers are exact; no output, no plugin paths. Config::from_json
  /// reads it.
  std::string to_json() const;
};

}  // namespace calotype
