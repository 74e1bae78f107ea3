#pragma once
#include <calotype/host/plan.h>
#include <calotype/host/run.h>

#include <memory>

#include "loading/library.h"
#include "loading/plugin_threads.h"

namespace calotype {

/// What of a Host needs libtorch: models, plans and images. It is a library of its own, which is loaded, and libtorch
/// with it, when a Host first needs it: that takes 0.2 s, and most of what a program is asked has been answered by
/// then.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual ModelInfo describe(const ResolvedConfig& config) = 0;
  virtual Plan plan(const ResolvedConfig& config) = 0;
  virtual Result run(const Plan& plan, const RunOptions& options) = 0;
  /// Plans and runs.
  virtual Result run(const ResolvedConfig& config, const RunOptions& options) = 0;
  virtual void load(const ResolvedConfig& config, const RunOptions& options) = 0;
  virtual void unload() = 0;
};

/// What the engine's library exports as calotype_make_engine. The library holds a copy of the host's lower folders:
/// state of the whole process comes from the host.
using MakeEngine = Engine*(Libraries& libraries, LibraryMutex& mutex);

/// Loads the engine's library, and libtorch with it. Throws Error (unavailable) where one cannot be loaded.
void load_engine();

/// `libraries` must outlive it. Throws as load_engine.
std::unique_ptr<Engine> make_engine(Libraries& libraries);

}  // namespace calotype
