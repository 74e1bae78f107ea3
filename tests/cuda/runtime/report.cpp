#include "report.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>

#include "settings.h"

namespace stand_in {
namespace {

constexpr int kFaulty = 99;

// Never destroyed: the program's own destructors still call CUDA's functions.
std::map<std::string, int>& counts() {
  static auto& all = *new std::map<std::string, int>;
  return all;
}
std::map<std::string, int>& faults() {
  static auto& all = *new std::map<std::string, int>;
  return all;
}
const pid_t this_process = getpid();

FILE* output() {
  static FILE* file = settings().output.empty() ? nullptr : std::fopen(settings().output.c_str(), "a");
  return file ? file : stderr;
}

void print_calls() {
  void* frames[48];
  const int count = backtrace(frames, 48);
  for (int i = 2; i < count; ++i) {
    Dl_info info{};
    if (!dladdr(frames[i], &info) || !info.dli_sname) continue;
    int status = 0;
    char* name = abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, &status);
    std::fprintf(output(), "stand-in:     %.150s\n", name ? name : info.dli_sname);
    std::free(name);
  }
}

}  // namespace

std::recursive_mutex& runtime_lock() {
  static auto& lock = *new std::recursive_mutex;
  return lock;
}

void print(const std::string& text) {
  std::fprintf(output(), "stand-in: %s\n", text.c_str());
  std::fflush(output());
}

void log(const std::string& line) {
  if (settings().logs) print(line);
}

void count(const std::string& what) {
  const Locked locked(runtime_lock());
  ++counts()[what];
}

void fault(const std::string& what) {
  const Locked locked(runtime_lock());
  if (faults()[what]++) return;
  print("FAULT: " + what);
  print_calls();
  std::fflush(output());
}

int exit_code_after_report(int code) {
  static bool is_said = false;
  if (getpid() != this_process) return code;  // a child that runs another program
  const Locked locked(runtime_lock());
  if (!is_said) {
    is_said = true;
    if (settings().sums_up)
      for (const auto& [name, times] : counts()) print(std::to_string(times) + " times " + name);
    for (const auto& [name, times] : faults()) print("found " + std::to_string(times) + " times: " + name);
  }
  return faults().empty() ? code : kFaulty;
}

}  // namespace stand_in

using namespace stand_in;

// For tests, which find them by name.

/// How many faults were reported.
extern "C" __attribute__((visibility("default"))) int stand_in_faults() {
  const Locked locked(runtime_lock());
  return int(faults().size());
}
/// How often something of the summary happened: "graph captured".
extern "C" __attribute__((visibility("default"))) int stand_in_counted(const char* what) {
  const Locked locked(runtime_lock());
  const auto found = counts().find(what);
  return found == counts().end() ? 0 : found->second;
}
