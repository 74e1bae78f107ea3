#pragma once
#include <string>
#include <string_view>

namespace calotype {

/// What is wanted here instead of a key that diffusers, ComfyUI, A1111 or stable-diffusion.cpp know: `here it is
/// "guidance_scale"`, or how what it asks for is done otherwise. "": no such word.
std::string hint_for_key(std::string_view word);

/// The same for the value of a key: of dtype "fp16", of seed "random".
std::string hint_for_value(std::string_view key, std::string_view value);

}  // namespace calotype
