#include "registry/choice.h"

#include <calotype/error.h>

#include <algorithm>

#include "base/utf8.h"
#include "registry/peer_entries.h"

namespace calotype {
namespace {

std::string shared_name(const Catalog& catalog, const EntryInfo& entry) {
  return catalog.find(entry.kind, entry.id).size() == 1 ? entry.id : entry.vendor + "/" + entry.id;
}

}  // namespace

bool is_called(const SettingInfo& setting, const std::string& name) {
  return setting.name == name ||
         std::find(setting.formerly.begin(), setting.formerly.end(), name) != setting.formerly.end();
}

Choice choose(const Catalog& catalog, Kind kind, const std::string& name, const std::string& position) {
  try {
    const EntryInfo& entry = catalog.get(kind, name);
    Choice choice{entry, shared_name(catalog, entry), {}, {}, position};
    for (const auto& setting : entry.settings) choice.settings[setting.name] = setting.default_value;
    return choice;
  } catch (const Error& e) {
    const std::string hint =
        catalog.find(kind, name).empty() && e.code() == ErrorCode::config ? hint_for_entry(catalog, kind, name) : "";
    throw Error(e.code(),
                position + ": " +
                    (hint.empty() ? e.what()
                                  : "unknown " + std::string(name_of(kind)) + " \"" + one_line(name) + "\"; " + hint));
  }
}

const SettingInfo* find_setting(const EntryInfo& entry, const std::string& name) {
  for (const auto& setting : entry.settings)
    if (is_called(setting, name)) return &setting;
  return nullptr;
}

}  // namespace calotype
