// sdxl_cuda.so as plugins/networks opens it under the stand-in for CUDA: the kernels compiled as C++, queued on its
// streams, and all else that the real library is made of.
#include <cstdlib>
#include <vector>

#include "../runtime/stand_in.h"
#include "announced.h"
#include "findings.h"
#include "launch.h"

extern "C" const calotype::networks::cuda::Library* real_calotype_sdxl_cuda();  // library.cpp under another name

namespace calotype::emulator {
namespace {

void enqueue(cudaStream_t stream, const char* kernel, const std::vector<Range>& buffers, std::function<void()> run) {
  std::vector<stand_in::Range> ranges;
  for (const Range& buffer : buffers) ranges.push_back({buffer.data, buffer.size, buffer.is_written});
  stand_in::enqueue(stream, kernel, ranges, std::move(run));
}

networks::cuda::Library queued() {
  queue = enqueue;
  inside = [](const void* p) { return stand_in::inside(p); };
  on_finding = [](const char* what) { stand_in::fault(what); };
  looks_at_buffers = false;  // the kernels are compiled without
  const char* seed = std::getenv("STAND_IN_SEED");
  set_seed(seed ? std::strtoull(seed, nullptr, 10) : 0);
  networks::cuda::Library library = *real_calotype_sdxl_cuda();
  announce(library);
  return library;
}

}  // namespace
}  // namespace calotype::emulator

extern "C" __attribute__((visibility("default"))) const calotype::networks::cuda::Library* calotype_sdxl_cuda() {
  static const calotype::networks::cuda::Library library = calotype::emulator::queued();
  return &library;
}
