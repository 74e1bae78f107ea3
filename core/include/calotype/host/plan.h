#pragma once
#include <calotype/host/memory.h>
#include <calotype/host/model_info.h>
#include <calotype/host/resolved_config.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace calotype {

/// The texts that an image is generated from, with every alternative chosen.
struct Prompts {
  std::string prompt;
  std::optional<std::string> negative_prompt;
  std::map<std::string, std::string> declared;  ///< of the keys that the loader or the pipeline declares as prompts
  bool operator==(const Prompts&) const = default;
};

struct PlanOrigin;

/// Everything that a run will do; no weight is read. Host::run runs it. Before that a program may change where the run
/// writes: outputs, latents, config.exists and config.latents.
struct Plan {
  ResolvedConfig config;  ///< with width and height filled in, and image files read
  ModelInfo model;
  std::string device, dtype;                ///< "cuda:0", "bfloat16"
  std::vector<std::vector<double>> passes;  ///< the sigmas of each pass of one image
  std::vector<double> sigmas;               ///< the sigmas of the first pass
  std::vector<double> timesteps;            ///< the timestep of each sigma but the last, as the model will get it
  int model_evaluations = 0;                ///< for each image; 0: known only after the run
  MemoryPlan memory;
  std::vector<Prompts> prompts;      ///< one for each image; one alone if all images have the same
  std::vector<std::string> outputs;  ///< path of each image's file
  std::string latents;               ///< path of the latents' file; empty: none is written
  std::vector<std::string> warnings;
  std::shared_ptr<const PlanOrigin> origin;  ///< the host's own: which host made it, and of which files
};

}  // namespace calotype
