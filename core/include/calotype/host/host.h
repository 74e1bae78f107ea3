#pragma once
#include <calotype/error.h>
#include <calotype/export.h>
#include <calotype/host/catalog.h>
#include <calotype/host/config.h>
#include <calotype/host/generate.h>
#include <calotype/host/model_info.h>
#include <calotype/host/models.h>
#include <calotype/host/plan.h>
#include <calotype/host/resolved_config.h>
#include <calotype/host/run.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace calotype {

/// Loads what a config needs and runs it. Keeps the last model loaded, so a second run with it reads nothing.
/// One thread at a time, but for `catalog`, `choose` and `sigmas`, and no call from a callback of another: that is an
/// Error (usage). Several hosts may live in one process. After fork a process whose parent has drawn cannot: Error
/// (usage). Prints nothing, never exits; errors are calotype::Error.
class CALOTYPE_API Host {
 public:
  struct Options {
    std::vector<std::string> plugin_folders;  ///< searched after the host's own
    bool environment =
        true;  ///< search CALOTYPE_PLUGIN_PATH too, unless the program runs with more rights than its user
    bool builtin_only = false;         ///< search no folder but the host's own, whatever else is named
    std::vector<std::string> without;  ///< ids, names of plugins, or files that are left out; each must be known
    bool retry = false;                ///< let in plugins that crashed when they were checked, and forget that they did
    bool keep_loaded = false;          ///< unmap no plugin when the host goes; statics end with the process, if at all
    std::optional<ModelSearchPath>
        model_search_path;  ///< where names are looked for; absent: ModelSearchPath::from_environment()
  };
  Host();
  explicit Host(Options options);
  ~Host();

  /// What the plugins in reach offer; `folders` are searched besides (a config's plugins.path).
  Catalog catalog(const std::vector<std::string>& folders = {}) const;
  /// The same for a config: with its plugins.path, its plugins.allow and the plugins.lock in its folder.
  Catalog catalog(const Config& config) const;
  /// Checks everything in a config that can be checked without opening the model.
  ResolvedConfig resolve(const Config& config) const;
  /// The same for a request; its messages begin with "request".
  ResolvedConfig resolve(const GenerateRequest& request) const;
  /// Resolves the rest from the model's headers, runs the scheduler and counts the sampler's calls. Reads no weight.
  Plan plan(const ResolvedConfig& config);
  /// What all these runs will write, checked against each other, against what they read and against what is there:
  /// where one could not be written, or would take the place of something, it throws Error (cannot_create). Where
  /// output.exists says `number`, the plans have the numbers then. `run` does the same of its own first of all.
  static void check_outputs(std::span<Plan> plans);
  /// Throws Error (out_of_memory) where the plan is predicted to take more than is free, unless it says `memory:
  /// force`. So does `run`.
  static void check_memory(const Plan& plan);
  /// Draws what `plan` of this host gave. Throws Error: usage, for a plan of another host or one whose config says
  /// something else by now; io, where a file of its model was changed since.
  Result run(const Plan& plan, const RunOptions& options = {});
  /// Plans and runs.
  Result run(const ResolvedConfig& config, const RunOptions& options = {});
  /// Resolves and runs. Images go into files only where `output` says which.
  Result generate(const GenerateRequest& request, const RunOptions& options = {});
  Result generate(const GenerateRequest& request, std::function<void(const Progress&)> progress);
  Result generate(const Config& config, const RunOptions& options = {});
  /// Loads the model of a config, so that the next run with it begins at once. Nothing is loaded where it is there
  /// already.
  void load(const ResolvedConfig& config, const RunOptions& options = {});

  /// What `resolve` takes where a config or request names no scheduler, or no sampler; an empty id takes it back.
  /// Throws Error (config) for a name or setting that is not known.
  void set_scheduler(const std::string& id, const std::map<std::string, Value>& settings = {});
  void set_sampler(const std::string& id, const std::map<std::string, Value>& settings = {});

  /// The entry of that name; each of `settings` is KEY=VALUE, where KEY may also be as in a config: scheduler.rho.
  Choice choose(Kind kind, const std::string& name, const std::vector<std::string>& settings = {}) const;
  /// Reads headers and configs only. `model` is a path or a name, and the loader the one that accepts it; each of
  /// `settings` is KEY=VALUE of a config: models_dir=/mnt/models.
  ModelInfo describe(const std::string& model, const std::vector<std::string>& settings = {});
  /// The same; of a model of which parts are missing, what is there. Throws Error for what is no model, or damaged.
  ModelInfo describe_parts(const std::string& model, const std::vector<std::string>& settings = {});
  /// What a path or a name means. Throws Error (no_input) where nothing is there, with the nearest names, and (config)
  /// where several models fit equally.
  ModelLocation find_model(const std::string& name, const std::vector<std::string>& settings = {}) const;
  /// All models in reach, by name, then what looks like one and is refused, each described by its headers.
  std::vector<ListedModel> models(const std::vector<std::string>& settings = {});
  /// A scheduler's sigmas over SDXL's sigmas. On any thread that the scheduler can be called on, several at once.
  std::vector<double> sigmas(const Choice& scheduler, int steps);
  /// Frees the model and the device's cached memory, and gives memory back to the system.
  void unload();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace calotype
