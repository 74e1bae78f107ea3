#pragma once
#include <string>
#include <string_view>

namespace calotype {

/// The hint for a key of diffusers, ComfyUI, A1111 or stable-diffusion.cpp: `here it is "guidance_scale"`, or how to do
/// the same here. "": no such key.
std::string hint_for_key(std::string_view word);

/// The hint for a value of a key: of dtype "fp16", of seed "random".
std::string hint_for_value(std::string_view key, std::string_view value);

}  // namespace calotype
