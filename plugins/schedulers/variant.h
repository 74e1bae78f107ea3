#pragma once
#include "renamed.h"

namespace calotype {

/// `setting` with another default, for a choice or a number.
consteval Setting defaulting(Setting setting, std::string_view value) {
  setting.text = value;
  return setting;
}
consteval Setting defaulting(Setting setting, double value) {
  setting.value = value;
  return setting;
}

/// `base` in the form of another program: the same formula under an id of its own, with other defaults for the
/// `changed` settings.
template <class... Changed>
consteval Info variant(Info base, std::string_view id, std::string_view alias, std::string_view summary,
                       const Changed&... changed) {
  base = renamed(base, id, summary);
  base.aliases[0] = alias;
  base.recommended = false;
  for (auto& setting : base.settings) ((setting.name == changed.name ? void(setting = changed) : void()), ...);
  return base;
}

/// `info` with another origin.
consteval Info from(Info info, std::string_view origin) {
  info.origin = origin;
  return info;
}

/// `info` with these settings instead of its own.
template <class... Given>
consteval Info with_settings(Info info, const Given&... given) {
  for (auto& setting : info.settings) setting = {};
  int count = 0;
  ((info.settings[count++] = given), ...);
  return info;
}

}  // namespace calotype
