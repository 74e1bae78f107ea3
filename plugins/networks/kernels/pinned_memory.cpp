#include "networks/kernels/pinned_memory.h"

#include <ATen/DeviceAccelerator.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/DeviceGuard.h>
#include <calotype/error.h>

#include <exception>

#include "networks/kernels/cuda_library.h"

namespace calotype::networks {
namespace {

constexpr size_t kMib = size_t(1) << 20;

[[noreturn]] void fail(int32_t error, size_t bytes, const std::string& where) {
  const bool is_short = error == cuda::kOutOfMemory;
  const std::string cause = is_short ? "out of memory on the host" : cuda_library().error_text(error);
  throw Error(is_short ? ErrorCode::out_of_memory : ErrorCode::internal,
              where + ": " + cause + ": want " + std::to_string((bytes + kMib - 1) / kMib) +
                  " MiB of pinned memory, where memory: block_offload keeps the weights");
}

}  // namespace

PinnedMemory::PinnedMemory(int64_t count, at::ScalarType dtype, at::Device device, const std::string& where)
    : device_(device) {
  const at::TensorOptions options(dtype);
  if (!is_cuda_library_built()) {
    numbers_ = at::empty({count}, options.pinned_memory(true));
    return;
  }
  const c10::DeviceGuard guard(device);
  const size_t bytes = size_t(count) * c10::elementSize(dtype);
  if (const int32_t error = cuda_library().pinned_new(bytes, &memory_)) fail(error, bytes, where);
  numbers_ = at::from_blob(memory_, {count}, options);
}

PinnedMemory::~PinnedMemory() {
  if (!memory_) return;  // libtorch's own waits for the copies that it knows of
  try {
    const c10::DeviceGuard guard(device_);
    at::accelerator::synchronizeDevice(device_.index());
    cuda_library().pinned_delete(memory_);
  } catch (const std::exception&) {
    // the GPU has failed: what it would still read must not go
  }
}

}  // namespace calotype::networks
