#pragma once
#include <memory>
#include <string>
#include <vector>

#include <calotype/error.h>
#include <calotype/host/catalog.h>
#include <calotype/host/config.h>
#include <calotype/host/resolved_config.h>
#include <calotype/host/run.h>

namespace calotype {

/// One network of a model, as the file headers tell.
struct ModelPart {
  std::string name, dtype;
  int64_t parameters = 0;
  uint64_t bytes = 0;
};

/// What can be said of a model without reading a weight.
struct ModelInfo {
  std::string path, loader, family, layout, prediction;
  int width = 0, height = 0;               ///< pixels it was trained on
  std::vector<double> noise_levels;        ///< sigma of each training timestep, rising
  std::vector<ModelPart> parts;
  int64_t parameters() const;
  uint64_t bytes() const;
};

/// All that a run will do, known without reading a weight.
struct Plan {
  ResolvedConfig config;                   ///< with width and height filled in
  ModelInfo model;
  std::string device, dtype;               ///< "cuda:0", "bfloat16"
  std::vector<double> sigmas;
  std::vector<double> timesteps;           ///< of each sigma but the last, as the model will see them
  int model_calls = 0;                     ///< for each image; 0: only the run will tell
  std::vector<std::string> outputs;        ///< the files of the first images, 100 at most
  std::vector<std::string> warnings;
};

/// Loads what a config needs and runs it. Keeps the last model loaded, so a second run with it reads nothing.
/// One thread at a time; several hosts may live in one process. Prints nothing, never exits; errors are calotype::Error.
class Host {
 public:
  struct Options {
    std::vector<std::string> plugin_folders;  ///< searched after the host's own
    bool environment = true;                  ///< search CALOTYPE_PLUGIN_PATH too
  };
  Host();
  explicit Host(Options options);
  ~Host();

  /// What the plugins in reach offer; `folders` are searched besides (a config's plugins.path).
  Catalog catalog(const std::vector<std::string>& folders = {}) const;
  /// Checks everything in a config that can be checked without opening the model.
  ResolvedConfig resolve(const Config& config) const;
  /// Resolves the rest from the model's headers, runs the scheduler and counts the sampler's calls. Reads no weight.
  Plan plan(const ResolvedConfig& config);
  /// Throws Error (cannot_create) where a picture or the latents could not be written. `run` does it first of all.
  static void check_outputs(const Plan& plan);
  Result run(const ResolvedConfig& config, const RunOptions& options = {});

  /// The entry of that name; each of `settings` is KEY=VALUE.
  Choice choose(Kind kind, const std::string& name, const std::vector<std::string>& settings = {}) const;
  /// Reads headers and configs only. The loader is the one that accepts the path.
  ModelInfo describe(const std::string& path);
  /// A scheduler's sigmas over SDXL's noise levels.
  std::vector<double> sigmas(const Choice& scheduler, int steps);
  /// Frees the model and the device's cached memory.
  void unload();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace calotype
