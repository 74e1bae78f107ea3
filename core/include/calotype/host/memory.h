#pragma once
#include <cstdint>
#include <string>

namespace calotype {

/// How a run keeps its weights, and how much memory it needs. On the CPU this is the memory of the process, on a GPU
/// the device's.
struct MemoryPlan {
  std::string memory = "full";    ///< full, model_offload, block_offload
  std::string quantize = "none";  ///< none, int8, fp8, nf4
  bool tiled_decode = false;
  uint64_t predicted_peak_bytes =
      0;  ///< highest use during the run, measured as Statistics does; 0: the loader cannot predict it
  uint64_t free_bytes = 0;  ///< what is free once the host has freed the models that it keeps; 0: not known
  bool fits = true;         ///< false: the prediction exceeds free_bytes
};

}  // namespace calotype
