#pragma once
#include <calotype/abi.h>
#include <calotype/host/entry.h>

#include <map>
#include <string>
#include <vector>

namespace calotype {

/// An entry's settings as the structs of the C contract; `values` must outlive this object.
class AbiSettings {
 public:
  AbiSettings(const EntryInfo& entry, const std::map<std::string, Value>& values);
  const calotype_settings* get() const { return &settings_; }

 private:
  std::vector<calotype_setting> values_;
  std::vector<const calotype_setting*> pointers_;
  calotype_settings settings_{};
};

}  // namespace calotype
