#include "device/torch_threads.h"

#include <ATen/Parallel.h>

#include <latch>
#include <system_error>
#include <thread>
#include <vector>

// Of the libraries that libtorch brings with it, which another build of it may lack.
extern "C" {
__attribute__((weak)) int omp_get_max_threads();
__attribute__((weak)) void omp_set_num_threads(int count);
__attribute__((weak)) int MKL_Set_Num_Threads_Local(int count);  // of this thread; returns the number before
}

namespace calotype {

// not at::set_num_threads: it cannot be taken back, and starts threads of its own, for which it waits for ever where
// there are none
TorchThreads::TorchThreads(int count) : before_(omp_get_max_threads ? omp_get_max_threads() : 0) {
  at::get_num_threads();  // or ATen sets its usual number at the first operator
  if (omp_set_num_threads) omp_set_num_threads(count);
  if (MKL_Set_Num_Threads_Local) before_mkl_ = MKL_Set_Num_Threads_Local(count);
}

TorchThreads::~TorchThreads() {
  if (omp_set_num_threads) omp_set_num_threads(before_);
  if (MKL_Set_Num_Threads_Local) MKL_Set_Num_Threads_Local(before_mkl_);
}

int granted_threads(int wanted) {
  if (wanted < 2) return wanted;
  const int all = 2 * wanted;  // OpenMP's, those that load weights, and the one that writes images
  std::latch end(1);
  std::vector<std::thread> started;
  started.reserve(size_t(all));
  try {
    while (started.size() < size_t(all)) started.emplace_back([&] { end.wait(); });
  } catch (const std::system_error&) {
  }
  end.count_down();
  for (auto& thread : started) thread.join();
  return started.size() == size_t(all) ? wanted : 1;
}

}  // namespace calotype
