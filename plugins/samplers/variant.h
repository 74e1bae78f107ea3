#pragma once
#include <calotype/info.h>

namespace calotype {

/// The same entry under another name, for a form of the method whose numbers differ; id@peer where it is a peer's.
consteval Info variant(Info info, std::string_view id, std::string_view label, std::string_view summary) {
  info.id = id;
  for (auto& alias : info.aliases) alias = {};
  info.label = label;
  info.summary = summary;
  return info;
}

}  // namespace calotype
