#pragma once
#include <calotype/host/config.h>
#include <calotype/host/generate.h>

#include <map>
#include <string>

#include "yaml/yaml.h"

namespace calotype {

/// {id: karras, rho: 5}, as a node whose position is `origin`.
yaml::Node section_of(const EntryRequest& entry, const std::string& origin);

/// The scheduler and the sampler that a host takes where a config names none.
class EntryDefaults {
 public:
  /// Throws Error (config) where the catalog knows no such entry or setting. An empty id takes the default back.
  void set(const Catalog& catalog, Kind kind, const EntryRequest& entry);
  Config apply(const Config& config) const;

 private:
  struct Default {
    yaml::Node section;
    EntryInfo entry;
  };
  std::map<std::string, Default> defaults_;
};

}  // namespace calotype
