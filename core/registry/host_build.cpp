#include <calotype/json.h>
#include <calotype/tensor.h>

#include "registry/manifest.h"

namespace calotype {

std::map<std::string, std::string> host_build() {
  const JsonValue j = JsonValue::parse("{\"x\":0" + std::string(std::string_view(note::kHost)) + "}");
  std::map<std::string, std::string> out;
  for (const auto& [key, value] : *j.find("host")->as<JsonValue::Object>())
    out[key] = value.as<std::string>() ? *value.as<std::string>() : value.dump();
  return out;
}

}  // namespace calotype
