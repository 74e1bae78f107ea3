#pragma once
#include <calotype/host/host.h>

#include <stop_token>
#include <string>
#include <vector>

#include "cli/progress.h"

namespace calotype::cli {

/// A config, or the record in an image; "-" is standard input. May wait, for what writes to a pipe.
Config open_config(const std::string& path, const std::vector<std::string>& overrides);

/// While it lives, the first SIGINT or SIGTERM asks the run that is under way to end after its model evaluation, and
/// ends the program where it does not within seconds; the second ends the program. Otherwise one ends it at once:
/// nothing is lost. One that is ignored stays so.
class CaughtSignals {
 public:
  CaughtSignals();
  CaughtSignals(const CaughtSignals&) = delete;
  ~CaughtSignals();
};

/// Options of a run that `bar` shows and that ends where the user asks for it; both must outlive it. Pixels are not
/// kept.
RunOptions watched_run(ProgressBar& bar, std::stop_source& stop);

/// Throws Error (io) where standard output cannot be written to.
void check_output();

}  // namespace calotype::cli
