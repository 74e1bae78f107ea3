#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace calotype {

/// What the control groups of this process, of version 2 or 1, and all groups around them leave of their limits of
/// memory, in bytes: the least of them. What a group has of files' pages counts as left: it goes when it is needed.
/// Nothing where there is no limit. `root`: the folder that /proc and /sys are in.
std::optional<uint64_t> left_in_control_groups(const std::string& root = "");

}  // namespace calotype
