#include "settings.h"

#include <cstdlib>
#include <map>
#include <string_view>

namespace stand_in {
namespace {

size_t number(const char* name, size_t otherwise) {
  const char* text = std::getenv(name);
  return text && *text ? std::strtoull(text, nullptr, 10) : otherwise;
}
std::string text(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
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
                                             .fails = text("STAND_IN_FAIL")};
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
    if (entry.substr(0, colon) == call && (colon == entry.size() || number == std::strtoull(entry.data() + colon + 1, nullptr, 10)))
      return true;
    begin = end + 1;
  }
  return false;
}

}  // namespace stand_in
