#include "settings.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string_view>

namespace stand_in {
namespace {

[[noreturn]] void refuse(const char* name, const char* wanted, const char* got) {
  std::fprintf(stderr, "%s: want %s, got \"%s\"\n", name, wanted, got);
  syscall(SYS_exit_group, 64);  // _exit would ask for the settings
  __builtin_unreachable();
}

size_t number(const char* name, size_t otherwise) {
  const char* text = std::getenv(name);
  if (!text || !*text) return otherwise;
  size_t out = 0;
  const char* end = text + std::strlen(text);
  if (const auto read = std::from_chars(text, end, out); read.ec != std::errc() || read.ptr != end)
    refuse(name, "a whole number", text);
  return out;
}
std::string text(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

/// The calls that are asked whether they are to fail.
constexpr std::string_view kFailing[] = {"malloc", "mallocincapture", "hostalloc", "instantiate", "graphlaunch"};

std::string failing_calls(const char* name) {
  const std::string all = text(name);
  for (size_t begin = 0; begin < all.size(); begin = std::min(all.find(',', begin), all.size()) + 1) {
    const std::string_view entry = std::string_view(all).substr(begin, all.find_first_of(":,", begin) - begin);
    if (std::find(std::begin(kFailing), std::end(kFailing), entry) == std::end(kFailing))
      refuse(name, "malloc, mallocincapture, hostalloc, instantiate or graphlaunch, each alone or with :N",
             all.c_str());
  }
  return all;
}

}  // namespace

const Settings& settings() {
  static const Settings& all = *new Settings{.memory = number("STAND_IN_MIB", 8192) << 20,
                                             .capability = int(number("STAND_IN_SM", 90)),
                                             .devices = int(number("STAND_IN_DEVICES", 1)),
                                             .lag = int(number("STAND_IN_LAG", 2)),
                                             .logs = number("STAND_IN_LOG", 0) != 0,
                                             .sums_up = number("STAND_IN_SUMMARY", 0) != 0,
                                             .output = text("STAND_IN_OUT"),
                                             .fails = failing_calls("STAND_IN_FAIL")};
  return all;
}

bool is_to_fail(const char* call) {
  static auto& calls = *new std::map<std::string, size_t>;
  const size_t number = ++calls[call];
  const std::string& list = settings().fails;
  for (size_t begin = 0; begin < list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    const std::string_view entry(list.data() + begin, end - begin);
    const size_t colon = std::min(entry.find(':'), entry.size());
    if (entry.substr(0, colon) == call &&
        (colon == entry.size() || number == std::strtoull(entry.data() + colon + 1, nullptr, 10)))
      return true;
    begin = end + 1;
  }
  return false;
}

}  // namespace stand_in
