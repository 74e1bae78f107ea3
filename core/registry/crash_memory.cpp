#include "registry/crash_memory.h"

#include <calotype/error.h>
#include <calotype/file_kind.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/bounded_json.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/user_paths.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;
constexpr size_t kMostBytes = 4 << 20, kMostError = 4096;

std::string memory_path() {
  return cache_folder() + "/crashes.json";
}

/// The entries by sha256. A damaged file is written again.
Json crashes() {
  if (!is_file(memory_path())) return Json::object();
  try {
    Json all = parse_bounded<Json>(read_file(memory_path(), kMostBytes));
    if (all.is_object()) return all;
  } catch (const JsonError&) {
  } catch (const Json::exception&) {
  }
  return Json::object();
}

/// Changes the record while no other process does.
template <class Change>
void update(const Change& change) {
  if (cache_folder().empty())
    throw Error(ErrorCode::cannot_create, "a crash cannot be remembered: want HOME or XDG_CACHE_HOME, got neither");
  const FileLock alone(memory_path() + ".lock");
  Json all = crashes();
  change(all);
  write_file(memory_path(), all.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::string end_of(const std::string& text) {
  return text.size() <= kMostError ? text : text.substr(text.size() - kMostError);
}

std::string text(const JsonValue& j, const char* key) {
  const JsonValue* found = j.find(key);
  return found && found->as<std::string>() ? *found->as<std::string>() : "";
}
double number(const JsonValue& j, const char* key) {
  const JsonValue* found = j.find(key);
  return found ? found->number() : 0;
}

}  // namespace

void remember_crash(const Crash& crash) {
  const std::string sum = sha256_of_file(crash.library);
  const Json known = {{"library", crash.library},
                      {"bytes", fs::file_size(crash.library)},
                      {"signal", crash.signal},
                      {"last_call", crash.last_call},
                      {"standard_error", end_of(crash.standard_error)}};
  update([&](Json& all) { all[sum] = known; });
}

void forget_crash(const std::string& library) {
  if (!CrashMemory().of(library)) return;
  const std::string sum = sha256_of_file(library);
  update([&](Json& all) { all.erase(sum); });
}

// part of every run, where nlohmann's values may not be used: docs/decisions/0008
CrashMemory::CrashMemory() {
  std::error_code none;
  if (!fs::is_regular_file(memory_path(), none)) return;
  try {
    crashes_ = JsonValue::parse(read_file(memory_path(), kMostBytes));
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
  }
}

std::optional<Crash> CrashMemory::of(const std::string& library) const {
  const auto* all = crashes_.as<JsonValue::Object>();
  if (!all) return {};
  const uintmax_t bytes = fs::file_size(library);
  std::string sum;
  for (const auto& [sha256, crash] : *all) {
    if (number(crash, "bytes") != double(bytes)) continue;
    if (sum.empty()) sum = sha256_of_file(library);
    if (sha256 == sum)
      return Crash{library, int(number(crash, "signal")), text(crash, "last_call"), text(crash, "standard_error")};
  }
  return {};
}

}  // namespace calotype
