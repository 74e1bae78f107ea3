#pragma once
#include <cstddef>

extern "C" __attribute__((visibility("hidden"))) void calotype_switch_stacks(void*** from, void** to);

namespace calotype::emulator {

/// A stack on which a function runs and stops in the middle. Used by one thread at a time.
class Fiber {
 public:
  /// The stack of whoever runs now.
  Fiber() = default;
  /// A stack of its own, on which `body` begins at the first switch_to(). It never returns.
  explicit Fiber(void (*body)());
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// From this fiber, which runs, to the other one, until somebody switches to this one again.
  void switch_to(Fiber& other) { calotype_switch_stacks(&top_, other.top_); }
  bool is_on_stack(const void* p) const { return size_t(static_cast<const char*>(p) - stack_) < kSize; }

 private:
  static constexpr size_t kSize = 64 << 10, kGuard = 4096;
  char* stack_ = nullptr;  // after a page that is shut
  void** top_ = nullptr;   // where it stopped
};

}  // namespace calotype::emulator
