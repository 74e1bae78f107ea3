#pragma once
#include <stdexcept>

namespace calotype {

/// The kind of an error, with the numbers of sysexits.h. The program exits with this number.
enum class ErrorCode {
  usage = 64,          ///< the command line
  bad_data = 65,       ///< the contents of a file: weights, an image
  no_input = 66,       ///< a file that does not exist
  unavailable = 69,    ///< a device that this machine does not have
  internal = 70,       ///< a defect of this program or of a plugin
  cannot_create = 73,  ///< an output that cannot be written
  io = 74,             ///< reading or writing failed halfway
  out_of_memory = 75,  ///< a run that needs less, or a later run, may succeed
  refused = 77,        ///< a plugin that must not be loaded
  config = 78,         ///< a key, name or value of a config
  cancelled = 130      ///< the caller cancelled the run
};

/// An error for a user: `where: what was wanted, what was found; hint`, one line, no full stop. The only exception that
/// public functions throw.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& what) : std::runtime_error(what), code_(code) {}
  /// An error in a plugin; the host puts the plugin's name before it.
  explicit Error(const std::string& what) : Error(ErrorCode::internal, what) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace calotype
