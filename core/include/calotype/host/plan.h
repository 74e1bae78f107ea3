#pragma once
#include <calotype/host/memory.h>
#include <calotype/host/model_info.h>
#include <calotype/host/resolved_config.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace calotype {

/// The texts that an image is made from, with nothing left open.
struct Prompts {
  std::string prompt;
  std::optional<std::string> prompt_2, negative_prompt, negative_prompt_2;
  bool operator==(const Prompts&) const = default;
};

struct PlanOrigin;

/// All that a run will do, known without reading a weight. Host::run draws it; what is written where may be changed
/// before: outputs, latents, config.exists and config.latents.
struct Plan {
  ResolvedConfig config;  ///< with width and height filled in, and images read
  ModelInfo model;
  std::string device, dtype;                ///< "cuda:0", "bfloat16"
  std::vector<std::vector<double>> passes;  ///< the sigmas that the sampler walks for one image, each from its start
  std::vector<double> sigmas;               ///< the first of them
  std::vector<double> timesteps;            ///< of each sigma but the last, as the model will see them
  int model_evaluations = 0;                ///< for each image; 0: only the run will tell
  MemoryPlan memory;
  std::vector<Prompts> prompts;      ///< of each image; one alone where all images have the same
  std::vector<std::string> outputs;  ///< the file of each image
  std::string latents;               ///< the file of the latents; empty: none is written
  std::vector<std::string> warnings;
  std::shared_ptr<const PlanOrigin> origin;  ///< the host's own: which host made it, and of which files
};

}  // namespace calotype
