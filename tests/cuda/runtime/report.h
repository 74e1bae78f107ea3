#pragma once
#include <mutex>
#include <string>

#include "stand_in.h"

namespace stand_in {

/// One lock for all of the runtime: what is queued runs under it, so that work of two threads is never mixed.
std::recursive_mutex& runtime_lock();
using Locked = std::lock_guard<std::recursive_mutex>;

/// A line where settings().logs asks for it.
void log(const std::string& line);
/// How the process is to end: with 99 where a fault was found, else as it would have. Says the summary, once.
int exit_code_after_report(int code);

/// "stand-in: TEXT" where faults are written to.
void print(const std::string& text);

}  // namespace stand_in
