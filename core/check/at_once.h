#pragma once
#include <functional>

namespace calotype::check {

/// Runs `body` on so many threads, which begin together. Throws Skipped where there are not so many to be had.
void at_once(int count, const std::function<void()>& body);

}  // namespace calotype::check
