#pragma once
#include <calotype/host/catalog.h>
#include <calotype/host/resolved_config.h>

#include <string>
#include <vector>

#include "yaml/yaml.h"

namespace calotype {

/// Reads into the choice all settings that its section gives. `section_name`: "scheduler"; for a loader "model",
/// or "refiner.model", which has the keys of model.
void read_settings(const yaml::Node& section, const std::string& section_name, Choice& choice);
/// The value that a section gives a setting, under its name or an older one, the last where there are two; null
/// where it gives none.
const yaml::Node* find_given(const yaml::Node& section, const SettingInfo& setting);

/// The choice that a section such as {id: karras, rho: 5} makes.
Choice read_choice(const Catalog& catalog, Kind kind, const yaml::Node& section);

}  // namespace calotype
