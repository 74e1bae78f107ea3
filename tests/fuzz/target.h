#pragma once
// A target of fuzzing: CALOTYPE_FUZZ(yaml) { ... } with the bytes as `input`. With CALOTYPE_FUZZER it is libFuzzer's
// one entry; without, all targets are in one program, which replays the corpus (replay.cpp).
#include <calotype/error.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

namespace calotype::fuzz {

using Target = void (*)(std::string_view input);
inline std::map<std::string, Target>& targets() {
  static std::map<std::string, Target> all;
  return all;
}
struct Registered {
  Registered(const char* name, Target target) { targets().emplace(name, target); }
};

/// Ends the process: a finding.
[[noreturn]] inline void found(const char* what, std::string_view which = {}) {
  std::fprintf(stderr, "found: %s: %.*s\n", what, int(which.size()), which.data());
  std::abort();
}

/// Every message begins with what was read; nothing is the program's own fault. Control characters are escaped where it
/// is printed.
inline void check_error(const Error& error, std::string_view begins = {}) {
  const std::string_view text = error.what();
  if (text.substr(0, begins.size()) != begins) found("an error that does not name its subject", text);
  if (error.code() == ErrorCode::internal) found("an internal error", text);
}

/// The path of a file in memory that holds the bytes until the next call.
inline const std::string& as_file(std::string_view bytes) {
  static const int file = memfd_create("input", MFD_CLOEXEC);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  // cut last: the kernel keeps its pages
  if (pwrite(file, bytes.data(), bytes.size(), 0) != ssize_t(bytes.size()) || ftruncate(file, off_t(bytes.size())))
    std::abort();
  return path;
}

}  // namespace calotype::fuzz

#ifdef CALOTYPE_FUZZER
#define CALOTYPE_FUZZ(name)                                              \
  static void name##_target(std::string_view input);                     \
  extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t n) { \
    name##_target({reinterpret_cast<const char*>(data), n});             \
    return 0;                                                            \
  }                                                                      \
  static void name##_target([[maybe_unused]] std::string_view input)
#else
#define CALOTYPE_FUZZ(name)                                                         \
  static void name##_target(std::string_view input);                                \
  static const calotype::fuzz::Registered name##_registered(#name, &name##_target); \
  static void name##_target([[maybe_unused]] std::string_view input)
#endif
