#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace calotype {

/// Sums of files by path, size and time of change, kept in the cache folder. One that cannot be read or written is
/// none; nothing is lost by it.
class SumCache {
 public:
  using Stamp = nlohmann::json;
  SumCache();
  SumCache(const SumCache&) = delete;
  /// Writes down what was kept.
  ~SumCache();

  /// Another when the file is changed; null where there is none.
  static Stamp stamp(const std::string& path);
  /// The sum of the file that has this stamp, or "".
  std::string known(const std::string& path, const Stamp& stamp) const;
  void keep(const std::string& path, const Stamp& stamp, const std::string& sum);

 private:
  nlohmann::json stored() const;
  std::string path_;  // empty: there is no such place
  nlohmann::json sums_, added_ = nlohmann::json::object();
};

}  // namespace calotype
