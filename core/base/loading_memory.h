#pragma once
#include <string_view>

namespace calotype {

/// Whether the dynamic linker's message means that memory or address space is short.
bool lacked_memory(std::string_view linker_message);

/// The remedy, for the end of a message.
inline constexpr const char* kMoreMemory = "; memory ran out: want a higher limit (ulimit -v), or more of it free";

}  // namespace calotype
