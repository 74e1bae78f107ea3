#pragma once
#include <calotype/host/catalog.h>

#include <string>
#include <string_view>

namespace calotype {

/// What is wanted here instead of a key that diffusers, ComfyUI, A1111 or stable-diffusion.cpp know: `here it is
/// "guidance_scale"`, or how what it asks for is done otherwise. "": no such word.
std::string hint_for_key(std::string_view word);

/// The same for the value of a key: of dtype "fp16", of seed "random".
std::string hint_for_value(std::string_view key, std::string_view value);

/// The same for the name of a scheduler or sampler as a program shows it, with both in one or with other spelling:
/// "DPM++ 2M Karras".
std::string hint_for_entry(const Catalog& catalog, Kind kind, std::string_view name);

}  // namespace calotype
