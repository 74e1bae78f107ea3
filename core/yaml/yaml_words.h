#pragma once
#include <string>
#include <string_view>

namespace calotype::yaml {

/// The error of a text that is not YAML, `want ..., got ...`, made from yaml-cpp's message.
std::string explained(std::string_view message);

}  // namespace calotype::yaml
