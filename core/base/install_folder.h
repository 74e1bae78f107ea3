#pragma once
#include <string>

namespace calotype {

/// The folder of what came with the host: calotype beside libcalotype.
std::string own_folder();
/// The plugins in it.
std::string own_plugin_folder();

/// A function of a part of the host that is a library of its own, in the folder "calotype" beside libcalotype, so that
/// what it needs is loaded only when it is. It is never closed. Throws Error (unavailable, out_of_memory) where it, or
/// what it needs, cannot be loaded.
void* load_part(const std::string& file, const char* symbol);

}  // namespace calotype
