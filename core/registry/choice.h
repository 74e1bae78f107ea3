#pragma once
#include <calotype/host/catalog.h>
#include <calotype/host/resolved_config.h>

#include <string>

namespace calotype {

/// The entry of this name, with its defaults. `position` starts the message of the Error (config) if there is
/// none.
Choice choose(const Catalog& catalog, Kind kind, const std::string& name, const std::string& position);

/// The setting with this name or older name; null if there is none.
const SettingInfo* find_setting(const EntryInfo& entry, const std::string& name);
/// Whether a setting has or had this name.
bool is_called(const SettingInfo& setting, const std::string& name);

}  // namespace calotype
