#include "check/guarded_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <csetjmp>
#include <csignal>
#include <cstring>

#include "check/check.h"

namespace calotype::check {
namespace {

constexpr size_t kPagesOfWall = 16;  // also catches a stride past the end

/// Where to continue after an access to a wall, for the thread that runs the body. An access of another thread ends the
/// process.
thread_local sigjmp_buf* way_out = nullptr;
thread_local const char* touched_at = nullptr;

void on_touch(int signal, siginfo_t* info, void*) {
  if (!way_out) {
    std::signal(signal, SIG_DFL);
    return;  // the signal is raised again
  }
  touched_at = static_cast<const char*>(info->si_addr);
  siglongjmp(*way_out, 1);
}

}  // namespace

Walled::Walled(size_t bytes) {
  const size_t page = size_t(sysconf(_SC_PAGESIZE)), room = (bytes + page - 1) / page * page,
               wall = kPagesOfWall * page;
  void* const all = mmap(nullptr, room + 2 * wall, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED || mprotect(static_cast<char*>(all) + wall, room, PROT_READ | PROT_WRITE) != 0)
    throw Skipped("no memory can be allocated");
  first_ = static_cast<char*>(all), start_ = first_ + wall, end_ = start_ + room, last_ = end_ + wall;
}

Walled::~Walled() {
  munmap(first_, size_t(last_ - first_));
}

void* Walled::put(const void* bytes, size_t size, bool at_end) {
  put_ = at_end ? end_ - size : start_;
  if (size) std::memcpy(put_, bytes, size);
  return put_;
}

std::optional<ptrdiff_t> Walled::touched(const std::function<void()>& body) const {
  struct sigaction ours{}, before{};
  ours.sa_sigaction = on_touch;
  ours.sa_flags = SA_SIGINFO;
  sigaction(SIGSEGV, &ours, &before);
  sigjmp_buf here;
  way_out = &here;
  const bool is_touched = sigsetjmp(here, 1) != 0;
  if (!is_touched) body();
  way_out = nullptr;
  sigaction(SIGSEGV, &before, nullptr);
  if (!is_touched) return std::nullopt;
  if (touched_at < first_ || touched_at >= last_) raise(SIGSEGV);  // another crash
  return touched_at - put_;
}

}  // namespace calotype::check
