#pragma once
#include <string>

namespace calotype {

/// Whether a name has the ending of a Python pickle, which Calotype never reads: ".ckpt", ".pt", ".pth", ".bin".
bool is_pickle(const std::string& path);

/// The text of an error about a pickle: why it is refused, and the command that converts it to safetensors.
std::string pickle_refusal(const std::string& path);

}  // namespace calotype
