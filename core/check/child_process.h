#pragma once
#include <functional>
#include <string>
#include <string_view>

namespace calotype::check {

/// How a process ended.
struct Ended {
  int signal = 0;         ///< the signal that ended it, or 0
  int code = 0;           ///< the exit code, if no signal ended it
  bool is_late = false;   ///< it exceeded the time limit and was ended
  int answer_lost = 0;    ///< the errno with which its answer could not be written, or 0
  std::string answer;     ///< what `body` returned, or ""
  std::string output;     ///< the end of what it wrote to standard output and error
  std::string last_call;  ///< the last call that it reported with now_calls
  double seconds = 0;
};

/// Throws Error (io) with errno's text: the system lacks the resources for a check. Only for use outside checks; a
/// check throws Skipped instead.
[[noreturn]] void cannot_run();

/// Runs `body` in a fork of this process, which ends afterwards. Its standard input is empty, and its output is kept.
/// This process must have only one thread. Throws Error (io) if the system cannot start another process.
Ended run_in_child(const std::function<std::string()>& body, int time_limit);

/// In `body`, on any thread: reports the call of the plugin that follows, "scheduler.sigmas, 20 steps". A long text is
/// cut.
void now_calls(std::string_view what);

/// In `body`: returns the answer and ends the process with std::exit, which runs the plugin's exit handlers.
[[noreturn]] void answer_and_exit(const std::string& answer);

/// The name of a signal: "SIGSEGV".
std::string signal_name(int number);

}  // namespace calotype::check
