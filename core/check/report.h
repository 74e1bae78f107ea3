#pragma once
#include <string>
#include <vector>

#include "check/runner.h"

namespace calotype::check {

/// The text of an outcome: "failed sigmas-fall scheduler ease: the sigmas fall strictly", with the reason below it.
std::string to_text(const Outcome& outcome);
/// A JSON object on one line. Bytes that are not UTF-8 are replaced.
std::string to_json(const Outcome& outcome);
/// The total: "62 passed, 1 failed, 2 skipped".
std::string summary(const std::vector<Outcome>& outcomes);
/// A test suite in JUnit's XML.
std::string to_junit(const std::string& file, const std::vector<Outcome>& outcomes);

}  // namespace calotype::check
