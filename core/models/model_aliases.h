#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace calotype {

/// Lower case, without "-", "_" and ".": names that differ in no more are one name.
std::string normalized(std::string_view name);

/// What models are called elsewhere: an id, and the stem of the file that people have it in.
class KnownModelNames {
 public:
  /// Files whose names are not there say nothing; of two that know an id, the later counts. Throws Error (config) with
  /// its place for a file that is no map of texts.
  explicit KnownModelNames(const std::vector<std::string>& files);
  /// The stems that `id` is known by; none where it is not known. An id without "org/" knows those of every org.
  std::vector<std::string> stems_of(std::string_view id) const;
  std::vector<std::string> ids() const;

 private:
  struct Known {
    std::string id, stem;
  };
  std::vector<Known> all_;
};

}  // namespace calotype
