#pragma once
#include <functional>
#include <string>
#include <string_view>

namespace calotype::check {

/// How a process ended.
struct Ended {
  int signal = 0;         ///< that ended it
  int code = 0;           ///< else what it exited with
  bool is_late = false;   ///< it was ended for taking too long
  int answer_lost = 0;    ///< why its answer could not be written, or 0
  std::string answer;     ///< what `body` returned, or ""
  std::string said;       ///< the end of what it wrote to standard output and error
  std::string last_call;  ///< what it last told now_calls
  double seconds = 0;
};

/// Throws Error with what errno says: the system has no room for a check. Not for inside of one, which throws Skipped
/// then.
[[noreturn]] void cannot_run();

/// Runs `body` in a copy of this process, which ends with it. Its standard input is empty, and what it writes is kept.
/// This process must have one thread. Throws Error (io) where the system has no room for another process.
Ended run_in_child(const std::function<std::string()>& body, int time_limit);

/// Inside `body`, on any thread: what is called of the plugin from here on, "scheduler.sigmas, 20 steps". Its start is
/// kept.
void now_calls(std::string_view what);

/// Inside `body`: tells the answer and ends the process by std::exit, which runs what plugins leave for then.
[[noreturn]] void answer_and_exit(const std::string& answer);

/// "SIGSEGV"
std::string signal_name(int number);

}  // namespace calotype::check
