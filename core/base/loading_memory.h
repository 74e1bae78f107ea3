#pragma once
#include <string_view>

namespace calotype {

/// Whether memory, or addresses for it, is what the dynamic linker says that it lacked.
bool lacked_memory(std::string_view linker_message);

/// What is to be done about it, for the end of a message.
inline constexpr const char* kMoreMemory = "; memory ran out: want a higher limit (ulimit -v), or more of it free";

}  // namespace calotype
