#pragma once
#include "renamed.h"

namespace calotype {

/// The same sampler under another id, with a label of its own; see renamed.h.
consteval Info variant(Info info, std::string_view id, std::string_view label, std::string_view summary) {
  info = renamed(info, id, summary);
  info.label = label;
  return info;
}

}  // namespace calotype
