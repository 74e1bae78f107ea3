#pragma once
#include <calotype/host/catalog.h>
#include <calotype/host/resolved_config.h>

#include <string>
#include <vector>

#include "yaml.h"

namespace calotype {

/// "PLACE: WHAT", or WHAT alone where the place is not known.
std::string placed(const std::string& place, const std::string& what);

/// Throws Error (config): PLACE: [WHOSE: ]unknown key "NAME"; did you mean ...
[[noreturn]] void fail_unknown_key(const yaml::Node& key, const std::string& whose,
                                   const std::vector<std::string>& known, const std::string& rest = {});

/// The value of a key that a section must have. Throws Error (config) where it has not.
const yaml::Node& want_key(const yaml::Node& section, const std::string& section_name, const std::string& key);

/// The entry of that name with its defaults. `place` begins the message of the Error (config) where there is none.
Choice choose(const Catalog& catalog, Kind kind, const std::string& name, const std::string& place);

/// Reads into the choice all settings that its section gives. `section_name`: "scheduler"; for a loader "model",
/// or "refiner.model", which has the keys of model.
void read_settings(const yaml::Node& section, const std::string& section_name, Choice& choice);
/// The setting of that name or older name; null where there is none.
const SettingInfo* find_setting(const EntryInfo& entry, const std::string& name);
/// The value that a section gives a setting, under its name or an older one, the last where there are two; null
/// where it gives none.
const yaml::Node* find_given(const yaml::Node& section, const SettingInfo& setting);

/// The choice that a section such as {id: karras, rho: 5} makes.
Choice read_choice(const Catalog& catalog, Kind kind, const yaml::Node& section);

}  // namespace calotype
