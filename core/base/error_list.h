#pragma once
#include <calotype/host/config_errors.h>

#include <algorithm>
#include <charconv>
#include <climits>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace calotype {

/// "POSITION: WHAT", or WHAT alone if the position is not known.
inline std::string at_position(const std::string& position, const std::string& what) {
  return position.empty() ? what : position + ": " + what;
}

/// Collects the errors of steps that do not depend on each other, to report them all at once.
class ErrorList {
 public:
  /// Runs `step`. Returns true if it threw no Error.
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
  /// Sorts the errors with a position in `file` by line and column, and puts the others behind them.
  void sort(std::string_view file) {
    std::stable_sort(errors_.begin(), errors_.end(),
                     [&](const Error& a, const Error& b) { return position(a, file) < position(b, file); });
  }
  /// Throws the collected errors; a single error is thrown as it is.
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
  /// The line and column of FILE:LINE:COLUMN: ...; the largest numbers if there are none.
  static std::pair<int, int> position(const Error& error, std::string_view file) {
    const std::string_view text = error.what();
    std::pair<int, int> found{INT_MAX, INT_MAX};
    if (!text.starts_with(file) || text.size() <= file.size() || text[file.size()] != ':') return found;
    int line = 0, column = 0;
    const char* const end = text.data() + text.size();
    const auto after = std::from_chars(text.data() + file.size() + 1, end, line);
    if (after.ec != std::errc() || after.ptr == end || *after.ptr != ':') return found;
    if (std::from_chars(after.ptr + 1, end, column).ec != std::errc()) return found;
    return {line, column};
  }
  std::vector<Error> errors_;
};

}  // namespace calotype
