#pragma once
#include <string>
#include <vector>

#include "check/runner.h"

namespace calotype::check {

/// "failed  sigmas-fall  scheduler ease: the sigmas fall strictly", and why below it.
std::string to_text(const Outcome& outcome);
/// On one line; what is not UTF-8 is replaced.
std::string to_json(const Outcome& outcome);
/// "62 passed, 1 failed, 2 skipped"
std::string summary(const std::vector<Outcome>& outcomes);
/// One test suite, as JUnit writes it.
std::string to_junit(const std::string& file, const std::vector<Outcome>& outcomes);

}  // namespace calotype::check
