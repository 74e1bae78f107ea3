#pragma once
#include <calotype/host/memory.h>
#include <calotype/host/resolved_config.h>
#include <calotype/model_loader.h>

#include <functional>
#include <string>
#include <vector>

#include "device/device.h"

namespace calotype {

/// What is known of the memory before a run.
struct MemoryState {
  uint64_t free = 0;      ///< on the device, or will be when models go before another is loaded
  uint64_t resident = 0;  ///< of this process; 0 on a GPU, where the device's allocations alone are counted
  uint64_t held = 0;      ///< of that by those models
  bool is_first = false;  ///< nothing was generated on the CPU yet
  static MemoryState now(const at::Device& device, const std::vector<TakenMemory>& held, bool has_run);
};

/// Chooses where the config leaves it open: the first of full, tiled decoder, model offload and block offload whose
/// predicted peak is within what is free. A warning where not even the last is.
MemoryPlan plan_memory(const ResolvedConfig& config, const Placement& placement, const MemoryState& state,
                       const std::function<MemoryNeed(const LoadOptions&)>& need, std::vector<std::string>& warnings);

LoadOptions load_options(const MemoryPlan& plan, const Placement& placement);

/// What is tried next after `options` took too much: a tiled decoder unless the config has vae_tiling: off, then model
/// offload, then block offload. Returns what that is, or "" where nothing is left.
std::string step_down(LoadOptions& options, const ResolvedConfig& config);

}  // namespace calotype
