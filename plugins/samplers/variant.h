#pragma once
#include <calotype/info.h>

#include "../origin.h"

namespace calotype {

/// The same entry under another name, for a form of the method whose numbers differ; id@peer where it is a peer's.
consteval Info variant(Info info, std::string_view id, std::string_view label, std::string_view summary) {
  info.id = id;
  for (auto& alias : info.aliases) alias = {};
  info.label = label;
  info.summary = summary;
  info.origin = origin_of(id, info.origin);
  return info;
}

}  // namespace calotype
