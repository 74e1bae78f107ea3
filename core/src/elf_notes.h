#pragma once
#include <string>
#include <vector>

namespace calotype {

/// The contents of the PT_NOTE segments of an x86-64 shared library. Throws Refused, which says what the file is instead.
std::vector<std::string> note_segments(const std::string& path);

}  // namespace calotype
