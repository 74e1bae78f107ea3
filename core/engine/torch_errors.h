#pragma once
#include <exception>

namespace calotype {

/// Whether what libtorch, or oneDNN in it, threw means that memory is out: only the allocators of devices have a type
/// for it.
bool is_out_of_memory(const std::exception& e);

}  // namespace calotype
