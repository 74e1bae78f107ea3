#pragma once
#include <calotype/host/host.h>

#include <string>
#include <vector>

namespace calotype::cli {

/// A config, or the record in a picture.
Config open_config(const std::string& path, const std::vector<std::string>& overrides);

/// From here on the first signal asks the run that is under way to end after its model call; the second ends the program.
void catch_signals();
bool is_stop_asked();

/// Throws Error (io) where standard output cannot be written to.
void print_line(const std::string& line);

}  // namespace calotype::cli
