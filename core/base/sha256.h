#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace calotype {

/// Of one file, read anew each time: what decides whether a plugin is let in trusts no cache. Throws Error (no_input,
/// io).
std::string sha256_of_file(const std::string& path);

/// Of these bytes.
std::string sha256_of_text(std::string_view text);

/// Counts the sum of a file piece by piece; one that is in the cache is not counted again. For one thread at a time.
class FileSum {
 public:
  /// `path`: absolute. Throws Error (no_input).
  explicit FileSum(const std::string& path);
  ~FileSum();
  FileSum(const FileSum&) = delete;
  /// Reads the next piece; false when there is none left, and `hex` is there. Throws Error (io).
  bool step();
  /// 64 digits.
  const std::string& hex() const { return hex_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::string hex_;
};

}  // namespace calotype
