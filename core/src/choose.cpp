#include "choose.h"

#include <algorithm>

#include "config_keys.h"
#include "names.h"
#include "read_value.h"
#include "utf8.h"

namespace calotype {
namespace {

using yaml::Node;

std::string shared_name(const Catalog& catalog, const EntryInfo& entry) {
  return catalog.find(entry.kind, entry.id).size() == 1 ? entry.id : entry.vendor + "/" + entry.id;
}

}  // namespace

void fail_unknown_key(const Node& key, const std::string& whose, const std::vector<std::string>& known) {
  if (const auto ours = key_for_peers_word(key.text); whose.empty() && !ours.empty())
    yaml::fail(key, "unknown key \"" + key.text + "\"; here it is \"" + std::string(ours) + "\"");
  yaml::fail(key, (whose.empty() ? "" : whose + ": ") + unknown_name("key", one_line(key.text), known));
}

const Node& want_key(const Node& section, const std::string& section_name, const std::string& key) {
  if (const Node* found = section.find(key)) return *found;
  yaml::fail(section, section_name + ": missing key \"" + key + "\"");
}

Choice choose(const Catalog& catalog, Kind kind, const std::string& name, const std::string& place) {
  try {
    const EntryInfo& entry = catalog.get(kind, name);
    Choice choice{entry, shared_name(catalog, entry), {}};
    for (const auto& setting : entry.settings) choice.settings[setting.name] = setting.default_value;
    return choice;
  } catch (const Error& e) {
    throw Error(e.code(), place + ": " + e.what());
  }
}

void read_settings(const Node& section, const std::string& section_name, Choice& choice) {
  std::vector<std::string> known = names_in(section_name.substr(section_name.rfind('.') + 1));
  const size_t own = known.size();
  const auto& settings = choice.entry.settings;
  for (const auto& setting : settings) known.push_back(setting.name);
  for (const auto& [key, value] : section.members) {
    const auto found = size_t(std::find(known.begin(), known.end(), key.text) - known.begin());
    if (found == known.size())
      fail_unknown_key(key, std::string(name_of(choice.entry.kind)) + " \"" + choice.entry.id + "\"", known);
    if (found < own) continue;
    const SettingInfo& setting = settings[found - own];
    choice.settings[setting.name] = read_value(value, {section_name + "." + setting.name, setting});
  }
}

Choice read_choice(const Catalog& catalog, Kind kind, const Node& section) {
  const std::string name(name_of(kind));
  if (section.kind != Node::Kind::map) fail_unwanted(section, name, "an id, or a map with an id and settings");
  const Node& id = want_key(section, name, "id");
  Choice choice = choose(catalog, kind, read_name(id, name, "an id"), yaml::place(id));
  read_settings(section, name, choice);
  return choice;
}

}  // namespace calotype
