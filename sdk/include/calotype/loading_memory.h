#pragma once
#include <sys/resource.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace calotype {

/// Whether the dynamic linker's message means that memory or address space is short.
inline bool lacked_memory(std::string_view linker_message) {
  const auto contains = [&](const char* words) { return linker_message.find(words) != linker_message.npos; };
  if (contains(std::strerror(ENOMEM)) || contains("cannot allocate memory")) return true;
  // the dynamic linker gives no reason here, and the message is the same for a folder without permission to execute
  rlimit addresses{};
  const bool is_limited = getrlimit(RLIMIT_AS, &addresses) == 0 && addresses.rlim_cur != RLIM_INFINITY;
  return is_limited && contains("failed to map segment");
}

/// The remedy, for the end of a message.
inline constexpr const char* kMoreMemory = "; memory ran out: want a higher limit (ulimit -v), or more of it free";

}  // namespace calotype
