#include "check/at_once.h"

#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

#include "check/check.h"

namespace calotype::check {

void at_once(int count, const std::function<void()>& body) {
  std::atomic<int> ready = 0;
  std::atomic<bool> is_given_up = false;
  std::vector<std::jthread> all;  // joined in any case
  try {
    for (int i = 0; i < count; ++i)
      all.emplace_back([&] {
        for (++ready; ready < count && !is_given_up;) std::this_thread::yield();
        if (!is_given_up) body();
      });
  } catch (const std::system_error& e) {
    is_given_up = true;
    throw Skipped("want " + std::to_string(count) + " threads, this machine has " + std::to_string(all.size()) + ": " +
                  e.what());
  }
}

}  // namespace calotype::check
