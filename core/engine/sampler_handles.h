#pragma once
#include <ATen/core/Tensor.h>
#include <calotype/abi.h>

/// What a sampler plugin holds of the host's latents.
struct calotype_latents {
  at::Tensor tensor;
  bool lent = false;                 ///< a plugin has it
  calotype_latents* next = nullptr;  ///< in the list of all
};

namespace calotype {

/// All handles of one call of a sampler. Owns them: whatever a sampler that fails does not give back goes with this
/// object.
class SamplerHandles {
 public:
  SamplerHandles() = default;
  SamplerHandles(const SamplerHandles&) = delete;
  ~SamplerHandles();
  /// A handle to `tensor`. Throws std::bad_alloc.
  calotype_latents* lend(at::Tensor tensor);
  /// A handle to memory like that of `tensor`: what was given back, or new memory.
  calotype_latents* lend_like(const at::Tensor& tensor);
  /// Takes a handle back, and keeps a little of the memory that no one else holds. Does nothing for one that is not
  /// lent. Never allocates: a plugin's destructors call this.
  void take_back(calotype_latents* latents) noexcept;
  /// Whether it is one of these and lent.
  bool has(const calotype_latents* latents) const;

 private:
  static constexpr int kMostKept = 4;
  calotype_latents* first_ = nullptr;
  int kept_ = 0;
};

}  // namespace calotype
