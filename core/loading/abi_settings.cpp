#include "loading/abi_settings.h"

#include <cmath>

namespace calotype {

AbiSettings::AbiSettings(const EntryInfo& entry, const std::map<std::string, Value>& values) {
  for (const SettingInfo& s : entry.settings) {
    calotype_setting out{};
    out.size = sizeof out;
    out.type = uint32_t(s.type) + CALOTYPE_BOOLEAN;
    out.name = s.name.c_str();
    out.number = std::nan("");
    const auto given = values.find(s.name);
    const Value& value = given == values.end() ? s.default_value : given->second;
    if (const auto* b = std::get_if<bool>(&value)) out.number = *b;
    if (const auto* d = std::get_if<double>(&value)) out.number = *d;
    if (const auto* t = std::get_if<std::string>(&value)) out.text = t->c_str();
    if (const auto* n = std::get_if<Numbers>(&value)) out.numbers = n->data(), out.count = n->size();
    values_.push_back(out);
  }
  for (const auto& v : values_) pointers_.push_back(&v);
  settings_ = {sizeof settings_, uint32_t(pointers_.size()), pointers_.data()};
}

}  // namespace calotype
