#pragma once
#include <functional>

namespace calotype::check {

/// Runs `body` on `count` threads, which start together. Throws Skipped if the machine cannot create them.
void at_once(int count, const std::function<void()>& body);

}  // namespace calotype::check
