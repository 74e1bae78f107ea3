#pragma once
#include <cstdint>
#include <string>

namespace calotype {

/// Where a run has its weights, and what that takes. On the CPU the memory is that of the process, on a GPU its own.
struct MemoryPlan {
  std::string memory = "full";    ///< full, model_offload, block_offload
  std::string quantize = "none";  ///< none, int8, fp8, nf4
  bool tiled_decode = false;
  uint64_t predicted_peak_bytes =
      0;                    ///< the most at any time of the run, as Statistics measures it; 0: the loader cannot tell
  uint64_t free_bytes = 0;  ///< what is free, or would be without the models that the host keeps; 0: nobody knows
  bool fits = true;         ///< false: it is predicted to take more than that
};

}  // namespace calotype
