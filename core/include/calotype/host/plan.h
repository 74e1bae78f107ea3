#pragma once
#include <calotype/host/memory.h>
#include <calotype/host/model_info.h>
#include <calotype/host/resolved_config.h>

#include <string>
#include <vector>

namespace calotype {

/// Everything that a run will do; no weight is read.
struct Plan {
  ResolvedConfig config;  ///< with width and height filled in, and image files read
  ModelInfo model;
  std::string device, dtype;                ///< "cuda:0", "bfloat16"
  std::vector<std::vector<double>> passes;  ///< the sigmas of each pass of one image
  std::vector<double> sigmas;               ///< the sigmas of the first pass
  std::vector<double> timesteps;            ///< the timestep of each sigma but the last, as the model will get it
  int model_evaluations = 0;                ///< for each image; 0: known only after the run
  MemoryPlan memory;
  std::vector<std::string> outputs;  ///< path of each image's file
  std::string latents;               ///< path of the latents' file; empty: none is written
  std::vector<std::string> warnings;
};

}  // namespace calotype
