// What the program asks of the system and gets of the stand-in: the GPU's device file, the libraries in the place of
// others, its exit code where a fault was found, and signals for memory that it may not touch.
#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <string>

#include "api.h"
#include "pinned.h"
#include "report.h"

namespace stand_in {
namespace {

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

/// The folder that this library is in, with a slash.
const std::string& folder() {
  static const std::string& path = *new std::string([] {
    Dl_info info{};
    dladdr(reinterpret_cast<void*>(&folder), &info);
    const std::string file = info.dli_fname;
    return file.substr(0, file.rfind('/') + 1);
  }());
  return path;
}

[[noreturn]] void end(int code) {
  code = exit_code_after_report(code);
  std::fflush(nullptr);
  next<void(int)>("_exit")(code);
  __builtin_unreachable();
}

/// The program's own action for SIGSEGV, that ours is before.
struct sigaction& action_after() {
  static struct sigaction action{};
  return action;
}

void pass_on(int number, siginfo_t* info, void* context) {
  const struct sigaction& after = action_after();
  if (after.sa_flags & SA_SIGINFO) return after.sa_sigaction(number, info, context);
  if (after.sa_handler != SIG_DFL && after.sa_handler != SIG_IGN) return after.sa_handler(number);
  std::fprintf(stderr, "stand-in: crash at %p\n", info->si_addr);
  void* frames[48];
  backtrace_symbols_fd(frames, backtrace(frames, 48), STDERR_FILENO);
  struct sigaction by_default{};
  next<int(int, const struct sigaction*, struct sigaction*)>("sigaction")(number, &by_default, nullptr);
  raise(number);
}

void on_touch(int number, siginfo_t* info, void* context) {
  if (is_device(info->si_addr)) {
    fault("the host touches device memory");
    end(1);
  }
  if (!is_touch_of_pinned(info->si_addr)) pass_on(number, info, context);
}

/// At the load of this library and, of all libraries, last of all when the process ends.
struct Process {
  Process() {
    struct sigaction action{};
    action.sa_sigaction = on_touch;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    next<int(int, const struct sigaction*, struct sigaction*)>("sigaction")(SIGSEGV, &action, nullptr);
  }
  ~Process() {
    if (const int code = exit_code_after_report(0)) end(code);
  }
} process;

/// Before libtorch_cuda, so that it finds them by their names and not in other places.
void open_empty_libraries(void* (*open)(const char*, int)) {
  constexpr std::array kNames{"libcublas.so.13",   "libcublasLt.so.13",  "libcudnn.so.9",        "libcufft.so.12",
                              "libcusparse.so.12", "libcusparseLt.so.0", "libnccl.so.2",         "libcurand.so.10",
                              "libcufile.so.0",    "libnvrtc.so.13",     "libnvshmem_host.so.3", "libcuda.so.1"};
  for (const char* name : kNames)
    if (!open((folder() + "empty/" + name).c_str(), RTLD_NOW | RTLD_GLOBAL)) print(dlerror());
}

bool ends_with(const char* path, const char* end) {
  const size_t length = path ? std::strlen(path) : 0;
  return length >= std::strlen(end) && !std::strcmp(path + length - std::strlen(end), end);
}

}  // namespace
}  // namespace stand_in

using namespace stand_in;

API int access(const char* path, int mode) {
  return std::strcmp(path, "/dev/nvidiactl") ? next<int(const char*, int)>("access")(path, mode) : 0;
}

API void* dlopen(const char* path, int mode) {
  static const auto open = next<void*(const char*, int)>("dlopen");
  if (ends_with(path, "/networks/sdxl_cuda.so")) {
    const std::string emulated = folder() + "sdxl_cuda.so";
    return open(emulated.c_str(), mode);
  }
  if (!ends_with(path, "/libtorch_cuda.so")) return open(path, mode);
  open_empty_libraries(open);
  void* handle = open(path, mode);
  static const bool is_ready = handle && open((folder() + "operators.so").c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (handle && !is_ready) print(dlerror());
  return handle;
}

API int sigaction(int number, const struct sigaction* wanted, struct sigaction* before) {
  if (number != SIGSEGV)
    return next<int(int, const struct sigaction*, struct sigaction*)>("sigaction")(number, wanted, before);
  if (before) *before = action_after();
  if (wanted) action_after() = *wanted;
  return 0;
}

API void _exit(int code) {
  end(code);
}
API void _Exit(int code) {
  end(code);
}
API void quick_exit(int code) {
  const int wanted = exit_code_after_report(code);
  next<void(int)>("quick_exit")(wanted);
  __builtin_unreachable();
}
