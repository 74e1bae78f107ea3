#include "networks/files/mapped_reads.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <mutex>

namespace calotype::networks {
namespace {

/// A mapping as the handler of a signal may look at it.
struct Slot {
  std::atomic<uintptr_t> begin{0}, end{0};  // 0: free; 1: taken, and not there yet
  std::atomic<bool> broken{false};
};
constexpr size_t kSlots = 1024, kNone = size_t(-1);  // a model of more files than that has some that are not minded

std::array<Slot, kSlots>& slots() {
  static std::array<Slot, kSlots> all;
  return all;
}

size_t take_slot(void* memory, size_t size) {
  for (size_t i = 0; i < kSlots; ++i) {
    Slot& slot = slots()[i];
    uintptr_t free = 0;
    if (!slot.begin.compare_exchange_strong(free, 1)) continue;
    slot.broken = false;
    slot.end = reinterpret_cast<uintptr_t>(memory) + size;
    slot.begin = reinterpret_cast<uintptr_t>(memory);
    return i;
  }
  return kNone;
}

/// What our handler hands on to.
struct sigaction& handler_before() {
  static struct sigaction before{};
  return before;
}

/// Puts zeros from the page that cannot be read to the end of the mapping; nothing but system calls and atomics.
bool mend(uintptr_t address) {
  static const auto page = uintptr_t(sysconf(_SC_PAGESIZE));
  for (Slot& slot : slots()) {
    const uintptr_t begin = slot.begin, end = slot.end;
    if (begin < 2 || address < begin || address >= end) continue;
    const uintptr_t from = address / page * page;
    if (mmap(reinterpret_cast<void*>(from), end - from, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
        MAP_FAILED)
      return false;
    slot.broken = true;
    return true;
  }
  return false;
}

void on_bus_error(int number, siginfo_t* info, void* context) {
  const int error = errno;
  const bool is_mended = info->si_code > 0 && mend(reinterpret_cast<uintptr_t>(info->si_addr));
  errno = error;
  if (is_mended) return;
  const struct sigaction& before = handler_before();
  if (before.sa_flags & SA_SIGINFO) return before.sa_sigaction(number, info, context);
  if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) return before.sa_handler(number);
  signal(number, SIG_DFL);  // what failed is done again, and ends the process as it would have
}

bool is_ours(const struct sigaction& handler) {
  return (handler.sa_flags & SA_SIGINFO) && handler.sa_sigaction == on_bus_error;
}

/// Who reads. Several libraries of a process may each hold this code, and a handler of its own: each new one stands
/// above those before and hands on to them, and only the uppermost may be taken away.
struct Readers {
  std::mutex mutex;
  int count = 0;
  bool is_installed = false;  ///< perhaps below another one
};

Readers& readers() {
  static Readers one;
  return one;
}

void install() {
  struct sigaction own{};
  own.sa_sigaction = on_bus_error;
  own.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&own.sa_mask);
  sigaction(SIGBUS, &own, &handler_before());
}

/// False where another one stands above, which hands on to ours.
bool uninstall() {
  struct sigaction uppermost{};
  sigaction(SIGBUS, nullptr, &uppermost);
  if (!is_ours(uppermost)) return false;
  sigaction(SIGBUS, &handler_before(), &uppermost);
  if (is_ours(uppermost)) return true;
  sigaction(SIGBUS, &uppermost, nullptr);  // one that came in between
  return false;
}

}  // namespace

Mapping::Mapping(int file, size_t size) : size_(size) {
  void* memory = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  if (memory == MAP_FAILED) return;
  memory_ = memory;
  slot_ = take_slot(memory, size);
}

Mapping::~Mapping() {
  if (slot_ != kNone) slots()[slot_].begin = 0;
  if (memory_) munmap(memory_, size_);
}

bool Mapping::is_broken() const {
  return slot_ != kNone && slots()[slot_].broken;
}

bool Mapping::replace_by(void* copy) {
  return mremap(copy, size_, size_, MREMAP_MAYMOVE | MREMAP_FIXED, memory_) != MAP_FAILED;
}

MappedReads::MappedReads() {
  Readers& all = readers();
  const std::lock_guard lock(all.mutex);
  if (all.count++ || all.is_installed) return;
  slots(), mend(0);  // what is made at its first use is made here, not in the handler
  install();
  all.is_installed = true;
}

MappedReads::~MappedReads() {
  Readers& all = readers();
  const std::lock_guard lock(all.mutex);
  if (--all.count == 0) all.is_installed = !uninstall();
}

}  // namespace calotype::networks
