#pragma once
#include <calotype/host/catalog.h>
#include <calotype/host/resolved_config.h>

#include <string>

namespace calotype {

/// The entry of that name with its defaults. `place` begins the message of the Error (config) where there is none.
Choice choose(const Catalog& catalog, Kind kind, const std::string& name, const std::string& place);

/// The setting of that name or older name; null where there is none.
const SettingInfo* find_setting(const EntryInfo& entry, const std::string& name);
/// Whether a setting has that name, or had it.
bool is_called(const SettingInfo& setting, const std::string& name);

}  // namespace calotype
