#pragma once
#include <string_view>

namespace calotype {

/// The program that an id like "beta@a1111" names; `otherwise` where it names none.
consteval std::string_view origin_of(std::string_view id, std::string_view otherwise) {
  const size_t at = id.find('@');
  if (at == id.npos) return otherwise;
  const std::string_view program = id.substr(at + 1);
  if (program == "a1111") return "AUTOMATIC1111";
  if (program == "forge") return "Forge";
  if (program == "ppm") return "ComfyUI-ppm";
  if (program == "res4lyf") return "RES4LYF";
  return program.starts_with("diffusers") ? "diffusers" : program;
}

}  // namespace calotype
