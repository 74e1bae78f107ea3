#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace calotype {

/// The normal form of a name: lower case, without "-", "_" and ".". Names with the same normal form are equal.
std::string normalized(std::string_view name);

/// Other names of models: an id, and the usual stems of the model's file.
class KnownModelNames {
 public:
  /// Missing files are ignored; if two files have an id, the later counts. Throws Error (config) with the position for
  /// a file that is not a map of texts.
  explicit KnownModelNames(const std::vector<std::string>& files);
  /// The stems of `id`; empty if it is not known. An id without "org/" has those of every org.
  std::vector<std::string> stems_of(std::string_view id) const;
  std::vector<std::string> ids() const;

 private:
  struct Known {
    std::string id, stem;
  };
  std::vector<Known> all_;
};

}  // namespace calotype
