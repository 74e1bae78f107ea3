#pragma once
#include <ATen/core/Tensor.h>
#include <calotype/host/resolved_config.h>

#include <cstdint>
#include <string>
#include <vector>

namespace calotype {

/// Where a run computes, and in what.
struct Placement {
  at::Device device = at::kCPU;
  at::ScalarType dtype = at::kFloat;
  std::vector<std::string> warnings;  ///< what the user should know: an emulated type, a GPU that could not be used
};

/// device: auto, cpu, cuda, cuda:N. dtype: automatic is the fastest: on a GPU bfloat16, or float16 where it has no
/// convolutions in bfloat16. Loads libtorch_cuda where the driver shows a GPU, before any operator runs, so that a
/// later run may use it, and only there. Throws Error (unavailable, out_of_memory) that names what is missing.
Placement choose_placement(const std::string& device, Dtype dtype);

/// "cpu", "cuda:0"
std::string name_of(const at::Device& device);
/// "float32", "bfloat16", "float16"
std::string name_of(at::ScalarType dtype);

/// The number of threads for a model of that size on the CPU: one below 100 million parameters, where threads cost more
/// than they save, else libtorch's number; unless OMP_NUM_THREADS is set.
int threads_for(int64_t parameters);

/// The kernel's mark of the highest resident memory of the process, in bytes: since its start, unless someone resets
/// it.
uint64_t process_peak();
/// Highest memory allocated on a CUDA device since reset_peak, in bytes; 0 on the CPU.
uint64_t device_peak(const at::Device& device);
void reset_peak(const at::Device& device);
/// Waits until the device has done what it was given.
void synchronize(const at::Device& device);
/// Gives cached memory of a CUDA device back.
void release_cache(const at::Device& device);
/// Memory of this process that is resident now, in bytes.
uint64_t resident_memory();
/// What is taken of a device's memory by this process, in bytes: on a GPU what libtorch's allocator has given out.
struct TakenMemory {
  uint64_t all = 0,
           anonymous = 0;  ///< the second without pages of files, which are counted as free: they can be read again
};
TakenMemory taken_memory(const at::Device& device);
/// What may still be taken on a device without pushing others out, in bytes; 0 where nobody knows. On the CPU: what the
/// system calls available, within the limits of the process' control groups. On a GPU: what is free, and what
/// libtorch's allocator keeps for later.
uint64_t free_memory(const at::Device& device);
/// Until it ends, float32 on CUDA is float32, or where `allowed` the TF32 of tensor cores, which read 10 bits of a
/// fraction's 23: libtorch allows that in convolutions by default. Restores what it found.
class Tf32 {
 public:
  explicit Tf32(bool allowed);
  Tf32(const Tf32&) = delete;
  ~Tf32();

 private:
  const bool convolutions_, products_;
};
/// Free and all memory of a CUDA device, in bytes.
std::pair<uint64_t, uint64_t> device_memory(const at::Device& device);

}  // namespace calotype
