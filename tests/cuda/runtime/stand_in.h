#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

// What the stand-in for CUDA's runtime offers beside CUDA's own functions, to those that take the place of kernels: the
// operators for libtorch and the project's kernels compiled for the host. Found in libcudart.so.13, which `run` loads
// before all others.
//
// Device memory has two addresses. CUDA's functions hand out the one that no host code can touch, its pages are never
// opened; the bytes lie at the other one, `inside`, and only what is queued may use it.

extern "C++" namespace stand_in __attribute__((visibility("default"))) {
  /// Bytes that queued work reads or writes, by the address that CUDA handed out. Those on the host are passed over.
  struct Range {
    const void* data;
    size_t size;
    bool is_written;
  };

  /// Queues `body` on a cudaStream_t, as a kernel is. It runs at once, in the calling thread; where the stream is being
  /// captured it runs again at each launch of the graph. The ranges are all the device memory that it touches: they are
  /// what races and memory used after it was freed are found by.
  void enqueue(void* stream, const char* name, std::span<const Range> ranges, std::function<void()> body);

  bool is_device(const void* p);
  bool is_capturing(void* stream);

  /// Where the bytes of device memory lie; any other address as it is. For queued work alone.
  const void* inside(const void* p);
  template <class T>
  T* inside(T * p) {
    return static_cast<T*>(const_cast<void*>(inside(static_cast<const void*>(p))));
  }

  /// What the program does wrong: reported with a stack of calls, and the process ends with exit code 99.
  void fault(const std::string& what);
  /// For the summary at the end.
  void count(const std::string& what);

  /// What libtorch's caching allocator says. A block of a graph's own pool has that pool's number, any other 0.
  void segment_taken(const void* data, size_t size);
  void block_taken(const void* data, size_t size, void* stream, uint64_t pool);
  void block_returned(const void* data);
  /// How many blocks were ever taken.
  uint64_t blocks_taken();
  /// Called once, before the first device memory is handed out.
  void set_before_first_memory(std::function<void()> call);

  /// The workspace that cuBLAS was last given, 0 bytes of it for none: products that share one must not run side by
  /// side.
  Range cublas_workspace();

}  // namespace stand_in
