#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace calotype {

/// The sum of a file, which is read each time: the decision to load a plugin trusts no cache. Throws Error (no_input,
/// io).
std::string sha256_of_file(const std::string& path);

/// The sum of these bytes.
std::string sha256_of_text(std::string_view text);

/// Computes the sum of a file piece by piece, unless it is in the cache. For one thread at a time.
class FileSum {
 public:
  /// `path`: absolute. Throws Error (no_input).
  explicit FileSum(const std::string& path);
  ~FileSum();
  FileSum(const FileSum&) = delete;
  /// Reads the next piece. Returns false if none is left; then `hex` has the sum. Throws Error (io).
  bool step();
  /// The sum: 64 hexadecimal digits.
  const std::string& hex() const { return hex_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::string hex_;
};

}  // namespace calotype
