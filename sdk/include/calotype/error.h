#pragma once
#include <stdexcept>

namespace calotype {

/// What went wrong, as sysexits.h counts it; the program exits with it.
enum class ErrorCode {
  usage = 64,          ///< the command line
  bad_data = 65,       ///< a file's contents: weights, an image
  no_input = 66,       ///< a file that is not there
  unavailable = 69,    ///< a device that this machine lacks
  internal = 70,       ///< a defect of this program or of a plugin
  cannot_create = 73,  ///< an output that cannot be written
  io = 74,             ///< reading or writing failed midway
  out_of_memory = 75,  ///< may work with less, or later
  refused = 77,        ///< a plugin that must not be loaded
  config = 78,         ///< a key, name or value of a config
  cancelled = 130      ///< the caller asked for it
};

/// Where, what, and what would work, in one line without a full stop. The only exception that crosses a public border.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& what) : std::runtime_error(what), code_(code) {}
  /// A plugin's error: the host adds where.
  explicit Error(const std::string& what) : Error(ErrorCode::internal, what) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace calotype
