#pragma once
#include <calotype/error.h>

#include <atomic>

namespace calotype {

/// Guards a call that a host can do only one at a time. Throws Error (usage) if another one is active, on any thread.
class CallLock {
 public:
  explicit CallLock(std::atomic<bool>& under_way) : under_way_(under_way) {
    if (under_way_.exchange(true))
      throw Error(
          ErrorCode::usage,
          "this host is in another call; want one at a time, and none from its callbacks, or a host for each thread");
  }
  CallLock(const CallLock&) = delete;
  ~CallLock() { under_way_ = false; }

 private:
  std::atomic<bool>& under_way_;
};

}  // namespace calotype
