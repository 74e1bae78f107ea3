#pragma once
#include <functional>
#include <string>
#include <vector>

#include "check/check.h"

namespace calotype::check {

struct Options {
  Level level = Level::full;
  uint64_t seed = 1;
  int time_limit = 30;            ///< seconds, for one check
  std::vector<std::string> only;  ///< ids; the checks that these need run too. Empty: all
};

enum class Verdict { passed, failed, skipped };

/// The outcome of one check of one entry.
struct Outcome {
  const Check* check;
  std::string entry{};  ///< "scheduler karras"; empty for a check of the library
  Verdict verdict = Verdict::passed;
  std::string why{};        ///< the reason, if it did not pass
  bool is_crash = false;    ///< the plugin ended the process
  int signal = 0;           ///< the signal that ended the process, or 0
  std::string last_call{};  ///< the plugin's call during which the process ended: "scheduler.sigmas, 20 steps"
  std::string output{};     ///< the end of the plugin's output, if the check failed
  double seconds = 0;
};

/// Runs the checks, each in a process of its own, and calls `done` after each. Throws Error (no_input) if the file does
/// not exist, and (usage) for an unknown id.
std::vector<Outcome> run_checks(const std::string& file, const Options& options,
                                const std::function<void(const Outcome&)>& done);

}  // namespace calotype::check
