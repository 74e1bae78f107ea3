#include "base/sum_cache.h"

#include <sys/stat.h>

#include <filesystem>

#include "base/bounded_json.h"
#include "base/file.h"
#include "base/user_paths.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;
constexpr size_t kMostBytes = 64 << 20;

}  // namespace

SumCache::SumCache() {
  const std::string folder = cache_folder();
  if (!folder.empty()) path_ = folder + "/sha256.json";
  sums_ = stored();
}

SumCache::~SumCache() {
  if (added_.empty() || path_.empty()) return;
  try {
    const FileLock alone(path_ + ".lock");
    Json all = stored();  // with the entries that other processes added meanwhile
    all.update(added_);
    std::error_code none;
    for (auto at = all.begin(); at != all.end();) at = fs::exists(at.key(), none) ? std::next(at) : all.erase(at);
    write_file(path_, all.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  } catch (const std::exception&) {
  }
}

SumCache::Stamp SumCache::stamp(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return nullptr;
  return {{"bytes", status.st_size},
          {"seconds", status.st_mtim.tv_sec},
          {"nanoseconds", status.st_mtim.tv_nsec},
          {"changed_seconds", status.st_ctim.tv_sec},
          {"changed_nanoseconds", status.st_ctim.tv_nsec}};
}

std::string SumCache::known(const std::string& path, const Stamp& stamp) const {
  const auto found = sums_.find(path);
  if (found == sums_.end() || !found->is_object() || found->value("stamp", Json()) != stamp) return "";
  const Json sum = found->value("sha256", Json());
  return sum.is_string() ? sum.get<std::string>() : "";
}

void SumCache::keep(const std::string& path, const Stamp& stamp, const std::string& sum) {
  added_[path] = sums_[path] = {{"stamp", stamp}, {"sha256", sum}};
}

Json SumCache::stored() const {
  try {
    if (path_.empty()) return Json::object();
    Json read = parse_bounded<Json>(read_file(path_, kMostBytes));
    if (read.is_object()) return read;
  } catch (const std::exception&) {
  }
  return Json::object();
}

}  // namespace calotype
