#pragma once
#include <calotype/pickle.h>

#include <string>

namespace calotype {

/// What an error says of a pickle: why it is refused, and the command that converts it to safetensors.
std::string pickle_refusal(const std::string& path);

}  // namespace calotype
