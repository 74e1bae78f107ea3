#pragma once
#include <calotype/info.h>

namespace calotype {

/// The program that an id such as "beta@a1111" names; `otherwise` if it names none.
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

/// The same entry under another id and without aliases, for a form of the method with other numbers; id@program for the
/// form of another program.
consteval Info renamed(Info info, std::string_view id, std::string_view summary) {
  for (auto& alias : info.aliases) alias = {};
  info.id = id;
  info.summary = summary;
  info.origin = origin_of(id, info.origin);
  return info;
}

}  // namespace calotype
