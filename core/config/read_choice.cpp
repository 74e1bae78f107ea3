#include "config/read_choice.h"

#include <algorithm>
#include <map>

#include "base/error_list.h"
#include "config/config_keys.h"
#include "registry/choice.h"
#include "yaml/read_value.h"

namespace calotype {

using yaml::Node;

void read_settings(const Node& section, const std::string& section_name, Choice& choice) {
  const std::vector<std::string> own = names_in(section_name.substr(section_name.rfind('.') + 1));
  std::map<std::string, std::string> given;  // setting: the name it is given under
  const auto read = [&](const Node& key, const Node& value) {
    const std::string& name = key.text;
    const SettingInfo* found = find_setting(choice.entry, name);
    if (!found) {
      std::vector<std::string> known = own;
      for (const auto& setting : choice.entry.settings) known.push_back(setting.name);
      fail_unknown_key(key, std::string(name_of(choice.entry.kind)) + " \"" + choice.entry.id + "\"", known,
                       "calotype show " + choice.name);
    }
    const std::string full_name = section_name + "." + name;
    const bool may_replace = key.line == 0;  // an override; it stands after what it overrides
    if (const auto [other, is_first] = given.emplace(found->name, name); !is_first && !may_replace)
      yaml::fail(key, full_name + ": is the same as \"" + other->second + "\", which is given too");
    if (name != found->name)
      choice.warnings.push_back(yaml::position(key) + ": " + full_name + ": older name; write \"" + found->name + "\"");
    choice.settings[found->name] = read_value(value, {full_name, *found});
  };
  ErrorList errors;
  for (const auto& member : section.members)
    if (std::find(own.begin(), own.end(), member.first.text) == own.end())
      errors.run([&] { read(member.first, member.second); });
  errors.check();
}

const Node* find_given(const Node& section, const SettingInfo& setting) {
  const Node* found = nullptr;
  for (const auto& [key, value] : section.members)
    if (is_called(setting, key.text)) found = &value;
  return found;
}

Choice read_choice(const Catalog& catalog, Kind kind, const Node& section) {
  const std::string name(name_of(kind));
  if (section.kind != Node::Kind::map) fail_unwanted(section, name, "an id, or a map with an id and settings");
  const Node& id = want_key(section, name, "id");
  Choice choice = choose(catalog, kind, read_name(id, name, "an id"), yaml::position(id));
  read_settings(section, name, choice);
  return choice;
}

}  // namespace calotype
