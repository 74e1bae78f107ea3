#pragma once
#include <cstddef>
#include <string>

namespace calotype::emulator {

/// Notes what is wrong with a kernel, as "warp_kernel: threads race in a buffer", each text once, with what is
/// particular to the first time. Any thread.
void find(const std::string& what, const std::string& detail = "");

/// That index of those since the last clear_findings(), or null; valid until then.
const char* finding(size_t index);
void clear_findings();

/// Called with each finding, too, where it is not null. Set before any kernel runs.
extern void (*on_finding)(const char* what);

}  // namespace calotype::emulator
