#pragma once
#include "renamed.h"

namespace calotype {

/// The setting with another default, for a choice or a number.
consteval Setting defaulting(Setting setting, std::string_view value) {
  setting.text = value;
  return setting;
}
consteval Setting defaulting(Setting setting, double value) {
  setting.value = value;
  return setting;
}

/// `base` as another program has it: the same formula under an id of its own, with its own defaults of the `changed`
/// settings.
template <class... Changed>
consteval Info variant(Info base, std::string_view id, std::string_view alias, std::string_view summary,
                       const Changed&... changed) {
  base = renamed(base, id, summary);
  base.aliases[0] = alias;
  base.recommended = false;
  for (auto& setting : base.settings) ((setting.name == changed.name ? void(setting = changed) : void()), ...);
  return base;
}

/// The info as one of another program.
consteval Info from(Info info, std::string_view origin) {
  info.origin = origin;
  return info;
}

/// The info with these settings instead of its own.
template <class... Given>
consteval Info with_settings(Info info, const Given&... given) {
  for (auto& setting : info.settings) setting = {};
  int count = 0;
  ((info.settings[count++] = given), ...);
  return info;
}

}  // namespace calotype
