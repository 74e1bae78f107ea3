// The kernels are compiled with -fsanitize=thread, which calls a function before each access to memory, and with
// -fsanitize=alignment,bounds: these are the functions, in the place of the compiler's libraries for them.
#include <cstdint>
#include <filesystem>
#include <string>

#include "block.h"
#include "findings.h"
#include "launch.h"

namespace {

/// Where a check of the compiler's stands in the source.
struct SourceLocation {
  const char* file;
  uint32_t line, column;
};

void note(const char* what, const SourceLocation& at) {
  namespace emulator = calotype::emulator;
  const std::string kernel = emulator::block ? emulator::block->kernel() : "host";
  emulator::find(kernel + ": " + what + ": " + std::filesystem::path(at.file).filename().string() + ", line " +
                 std::to_string(at.line));
}

}  // namespace

#define CALOTYPE_HOOK extern "C" __attribute__((visibility("hidden"))) void
#define CALOTYPE_ACCESS(size)                                               \
  CALOTYPE_HOOK __tsan_read##size(void* p) {                                \
    calotype::emulator::touch(p, size, false, __builtin_return_address(0)); \
  }                                                                         \
  CALOTYPE_HOOK __tsan_write##size(void* p) {                               \
    calotype::emulator::touch(p, size, true, __builtin_return_address(0));  \
  }                                                                         \
  CALOTYPE_HOOK __tsan_unaligned_read##size(void* p) {                      \
    calotype::emulator::touch(p, size, false, __builtin_return_address(0)); \
  }                                                                         \
  CALOTYPE_HOOK __tsan_unaligned_write##size(void* p) {                     \
    calotype::emulator::touch(p, size, true, __builtin_return_address(0));  \
  }
CALOTYPE_ACCESS(1)
CALOTYPE_ACCESS(2)
CALOTYPE_ACCESS(4)
CALOTYPE_ACCESS(8)
CALOTYPE_ACCESS(16)

CALOTYPE_HOOK __tsan_read_range(void* p, size_t size) {
  calotype::emulator::touch(p, size, false, __builtin_return_address(0));
}
CALOTYPE_HOOK __tsan_write_range(void* p, size_t size) {
  calotype::emulator::touch(p, size, true, __builtin_return_address(0));
}
CALOTYPE_HOOK __tsan_vptr_update(void**, void*) {}
CALOTYPE_HOOK __tsan_vptr_read(void**) {}
CALOTYPE_HOOK __tsan_init() {}
CALOTYPE_HOOK __tsan_func_entry(void*) {}
CALOTYPE_HOOK __tsan_func_exit() {}

CALOTYPE_HOOK __ubsan_handle_type_mismatch_v1(const SourceLocation* at, void*) {
  note("a pack that begins at no multiple of its size", *at);
}
CALOTYPE_HOOK __ubsan_handle_out_of_bounds(const SourceLocation* at, void*) {
  note("an index beyond its array", *at);
}
