#pragma once
#include <driver_types.h>
#include <vector_types.h>

#include <functional>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "memory.h"

namespace calotype::emulator {

/// How a kernel is started.
struct Configuration {
  dim3 grid, block;
  unsigned shared_memory;    ///< bytes beside what the kernel declares
  unsigned threads_at_most;  ///< by its __launch_bounds__; 0: none
};

/// A kernel with its arguments.
class Body {
 public:
  virtual ~Body() = default;
  /// What one thread does.
  virtual void run() const = 0;
};

/// Queues the launch on `stream` with what set_buffers() last named on this thread; a configuration that a GPU refuses
/// is a finding.
void launch(const char* kernel, const Configuration& how, cudaStream_t stream, std::unique_ptr<const Body> body);

/// What the launches to come on this thread may read and write; by the addresses that CUDA handed out; none: accesses
/// are not looked at.
void set_buffers(std::vector<Range> buffers);

/// Where launches go: to be run at once, unless a stand-in for CUDA's runtime is told of them.
using Queue = void (*)(cudaStream_t stream, const char* kernel, const std::vector<Range>& buffers,
                       std::function<void()> run);
extern Queue queue;

/// Where the bytes of an address that CUDA handed out lie: there, unless a stand-in for CUDA's runtime shuts them to
/// the host.
extern const void* (*inside)(const void* p);

/// Whether accesses to buffers are looked at, for which the kernels are compiled so; to shared memory they are then
/// too.
extern bool looks_at_buffers;

/// Chooses the order of all blocks and threads again; 0: whichever is quick.
void set_seed(uint64_t seed);

/// Shared memory of the block that runs, that of the declaration in that line.
void* shared_memory(int line, size_t size);

/// An access of the kernel that runs; `code`: where it is done. Outside kernels nothing.
void touch(const void* p, size_t size, bool writes, const void* code);

/// A launch as translate.py writes it.
template <class Kernel>
struct Launch {
  Kernel kernel;
  const char* name;
  unsigned threads_at_most;
  dim3 grid, block;
  size_t shared = 0;
  cudaStream_t stream = nullptr;

  template <class... Arguments>
  void operator()(Arguments... arguments) const {
    const Configuration how{grid, block, unsigned(shared), threads_at_most};
    launch(name, how, stream, std::make_unique<const Call<Arguments...>>(kernel, arguments...));
  }

 private:
  template <class... Arguments>
  struct Call final : Body {
    explicit Call(Kernel k, Arguments... a) : kernel(k), arguments(a...) {}
    // handing on the arguments is no access of the kernel's
    __attribute__((no_sanitize("thread"))) void run() const override {
      run_with(std::index_sequence_for<Arguments...>());
    }
    template <size_t... i>
    __attribute__((no_sanitize("thread"))) void run_with(std::index_sequence<i...>) const {
      kernel(std::get<i>(arguments)...);
    }
    Kernel kernel;
    std::tuple<Arguments...> arguments;
  };
};
template <class Kernel>
Launch(Kernel, const char*, unsigned, dim3, dim3, size_t, cudaStream_t) -> Launch<Kernel>;

}  // namespace calotype::emulator
