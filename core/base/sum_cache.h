#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace calotype {

/// A cache of files' sums by path, size and time of change, in the cache folder. If the cache cannot be read or
/// written, sums are computed again.
class SumCache {
 public:
  using Stamp = nlohmann::json;
  SumCache();
  SumCache(const SumCache&) = delete;
  /// Writes new entries to the cache.
  ~SumCache();

  /// A text that changes when the file changes; null if there is no file.
  static Stamp stamp(const std::string& path);
  /// The sum of the file with this stamp, or "".
  std::string known(const std::string& path, const Stamp& stamp) const;
  void keep(const std::string& path, const Stamp& stamp, const std::string& sum);

 private:
  nlohmann::json stored() const;
  std::string path_;  // empty: there is no cache folder
  nlohmann::json sums_, added_ = nlohmann::json::object();
};

}  // namespace calotype
