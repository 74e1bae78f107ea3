#include "networks/ops/parallel.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/ParallelGuard.h>
#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

namespace calotype::networks {

void in_parallel(size_t count, const std::function<void(size_t)>& body) {
  std::atomic<size_t> next = 0;
  std::exception_ptr failure;
  std::mutex mutex;
  const auto work = [&] {
    for (size_t i; (i = next++) < count;) try {
        body(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
        next = count;
      }
  };
  const size_t threads = std::min(count, size_t(at::get_num_threads()));
  if (threads < 2) {
    work();
  } else {
    const bool inference = c10::InferenceMode::is_enabled();
    std::vector<std::jthread> all;
    try {
      while (all.size() < threads)
        all.emplace_back([&] {
          const c10::InferenceMode mode(inference);
          const at::NoGradGuard no_grad;
          const c10::ParallelGuard alone(true);  // for at::parallel_for
          omp_set_num_threads(1);                // for oneDNN; of this thread only
          work();
        });
    } catch (const std::system_error&) {
      if (all.empty()) work();  // no thread is to be had; those that there are do it all
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace calotype::networks
