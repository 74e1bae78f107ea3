#pragma once
#include <calotype/host/config_errors.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace calotype {

/// "PLACE: WHAT", or WHAT alone where the place is not known.
inline std::string placed(const std::string& place, const std::string& what) {
  return place.empty() ? what : place + ": " + what;
}

/// Gathers errors of steps that do not need each other, so that all are told at once.
class ErrorList {
 public:
  /// Runs `step`. Returns whether it threw no Error.
  template <class Step>
  bool run(Step&& step) {
    try {
      std::forward<Step>(step)();
      return true;
    } catch (const ConfigErrors& several) {
      errors_.insert(errors_.end(), several.errors().begin(), several.errors().end());
    } catch (const Error& e) {
      errors_.push_back(e);
    }
    return false;
  }
  bool empty() const { return errors_.empty(); }
  /// Throws what was gathered: the error itself where it is one.
  void check() const {
    if (errors_.size() > size_t(kMost)) {
      std::vector<Error> first(errors_.begin(), errors_.begin() + kMost);
      first.emplace_back(errors_.front().code(),
                         "and " + std::to_string(errors_.size() - size_t(kMost)) + " more errors");
      throw ConfigErrors(first);
    }
    if (errors_.size() == 1) throw Error(errors_.front());
    if (!errors_.empty()) throw ConfigErrors(errors_);
  }

 private:
  static constexpr std::ptrdiff_t kMost = 100;
  std::vector<Error> errors_;
};

}  // namespace calotype
