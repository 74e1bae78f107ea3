#pragma once
#include <functional>
#include <string>
#include <vector>

#include "check/check.h"

namespace calotype::check {

struct Options {
  Level level = Level::full;
  uint64_t seed = 1;
  int time_limit = 30;            ///< seconds, of one check
  std::vector<std::string> only;  ///< ids; what these need runs too. Empty: all
};

enum class Verdict { passed, failed, skipped };

/// What became of one check of one entry.
struct Outcome {
  const Check* check;
  std::string entry{};  ///< "scheduler karras", or "" where it is about the library
  Verdict verdict = Verdict::passed;
  std::string why{};        ///< of a check that did not pass
  bool is_crash = false;    ///< it ended its process
  int signal = 0;           ///< that ended its process, or 0
  std::string last_call{};  ///< of the plugin that was under way when its process ended: "scheduler.sigmas, 20 steps"
  std::string said{};       ///< the end of what the plugin wrote, where it failed
  double seconds = 0;
};

/// Runs the checks, each in a process of its own; `done` hears of each as it ends. Throws Error (no_input) where there
/// is no such file and (usage) for an unknown id.
std::vector<Outcome> run_checks(const std::string& file, const Options& options,
                                const std::function<void(const Outcome&)>& done);

}  // namespace calotype::check
