#pragma once
#include <string>

namespace calotype {

/// The folder of the host's own files: `calotype` beside libcalotype, whether this code is in libcalotype, in the
/// engine or in a program. Throws Error (unavailable) if the file of this code cannot be found.
std::string own_folder();
/// The folder of the plugins that are installed with the host.
std::string own_plugin_folder();

/// A function from a part of the host that is a library of its own, in the folder "calotype" beside libcalotype. The
/// library, and what it needs, is loaded at the first call and never closed. Throws Error (unavailable, out_of_memory)
/// if it or a library that it needs cannot be loaded.
void* load_part(const std::string& file, const char* symbol);

}  // namespace calotype
