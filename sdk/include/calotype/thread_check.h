#pragma once
#include <calotype/info.h>

// In a debug build of a plugin, or with CALOTYPE_CHECK_THREADS defined, a call that violates the declared threads
// throws.
#if !defined(NDEBUG) && !defined(CALOTYPE_CHECK_THREADS)
#define CALOTYPE_CHECK_THREADS
#endif

#ifdef CALOTYPE_CHECK_THREADS
#include <calotype/error.h>
#include <unistd.h>

#include <atomic>
#include <string>

namespace calotype {

/// The thread that runs a function of this library that declares Threads::instance; 0: none.
[[gnu::visibility("hidden")]] inline std::atomic<pid_t> thread_inside{0};

/// Guards one call, from its start to its end.
class ThreadCheck {
 public:
  /// Throws Error if the entry does not allow a call on this thread now.
  ThreadCheck(const Info& info, const char* function) {
    const auto call = [&] { return std::string(function) + " of \"" + std::string(info.id) + "\" was called "; };
    if (info.threads == Threads::main && gettid() != getpid())
      throw Error(call() + "on another thread than the one that the program began with, and declares threads: main");
    if (info.threads != Threads::instance) return;
    pid_t inside = 0;
    is_first_ = thread_inside.compare_exchange_strong(inside, gettid());
    if (!is_first_ && inside != gettid())
      throw Error(call() + "while another thread was in its library, and declares threads: instance");
  }
  ~ThreadCheck() {
    if (is_first_) thread_inside = 0;
  }
  ThreadCheck(const ThreadCheck&) = delete;

 private:
  bool is_first_ = false;
};

}  // namespace calotype
#else
namespace calotype {

struct ThreadCheck {
  constexpr ThreadCheck(const Info&, const char*) {}
};

}  // namespace calotype
#endif
