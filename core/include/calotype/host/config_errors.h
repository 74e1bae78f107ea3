#pragma once
#include <calotype/error.h>

#include <string>
#include <utility>
#include <vector>

namespace calotype {

/// All errors of a config, if there are several. what(): one line for each, in the order of the config. code(): config
/// if one of them has this code, else the code of the first.
class ConfigErrors : public Error {
 public:
  /// `errors`: one or more.
  explicit ConfigErrors(std::vector<Error> errors)
      : Error(code_of(errors), lines_of(errors)), errors_(std::move(errors)) {}
  const std::vector<Error>& errors() const { return errors_; }

 private:
  static ErrorCode code_of(const std::vector<Error>& errors) {
    for (const Error& e : errors)
      if (e.code() == ErrorCode::config) return e.code();
    return errors.front().code();
  }
  static std::string lines_of(const std::vector<Error>& errors) {
    std::string out;
    for (const Error& e : errors) out += (out.empty() ? "" : "\n") + std::string(e.what());
    return out;
  }

  std::vector<Error> errors_;
};

}  // namespace calotype
