#pragma once
#include <calotype/tensor.h>

#include <string>

namespace calotype::networks {

/// Memory of the host that a GPU copies from while the host goes on. It stays until what was queued on that GPU is
/// done.
class PinnedMemory {
 public:
  /// For so many numbers of that type. Throws Error (out_of_memory): `where: ...`.
  PinnedMemory(int64_t count, at::ScalarType dtype, at::Device device, const std::string& where);
  ~PinnedMemory();
  PinnedMemory(const PinnedMemory&) = delete;
  PinnedMemory& operator=(const PinnedMemory&) = delete;

  /// All of it, [count], on the CPU. Not to be used when this is gone.
  const at::Tensor& numbers() const { return numbers_; }

 private:
  at::Device device_;
  void* memory_ = nullptr;  ///< null: libtorch's
  at::Tensor numbers_;
};

}  // namespace calotype::networks
