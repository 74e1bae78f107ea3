#pragma once
#include <string>
#include <string_view>

namespace calotype::yaml {

/// What is wrong with a text that is not YAML, `want ..., got ...`, from what yaml-cpp says of it.
std::string explained(std::string_view message);

}  // namespace calotype::yaml
