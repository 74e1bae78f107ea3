#include "choose.h"

#include <algorithm>
#include <map>

#include "config_keys.h"
#include "error_list.h"
#include "names.h"
#include "peers_words.h"
#include "read_value.h"
#include "utf8.h"

namespace calotype {
namespace {

using yaml::Node;

std::string shared_name(const Catalog& catalog, const EntryInfo& entry) {
  return catalog.find(entry.kind, entry.id).size() == 1 ? entry.id : entry.vendor + "/" + entry.id;
}

bool is_called(const SettingInfo& setting, const std::string& name) {
  return setting.name == name ||
         std::find(setting.formerly.begin(), setting.formerly.end(), name) != setting.formerly.end();
}

}  // namespace

std::string placed(const std::string& place, const std::string& what) {
  return place.empty() ? what : place + ": " + what;
}

void fail_unknown_key(const Node& key, const std::string& whose, const std::vector<std::string>& known,
                      const std::string& rest) {
  if (const auto hint = hint_for_key(key.text); whose.empty() && !hint.empty())
    yaml::fail(key, "unknown key \"" + key.text + "\"; " + hint);
  yaml::fail(key, (whose.empty() ? "" : whose + ": ") + unknown_name("key", key.text, known, {}, rest));
}

const Node& want_key(const Node& section, const std::string& section_name, const std::string& key) {
  if (const Node* found = section.find(key)) return *found;
  yaml::fail(section, section_name + ": missing key \"" + key + "\"");
}

Choice choose(const Catalog& catalog, Kind kind, const std::string& name, const std::string& place) {
  try {
    const EntryInfo& entry = catalog.get(kind, name);
    Choice choice{entry, shared_name(catalog, entry), {}, {}, place};
    for (const auto& setting : entry.settings) choice.settings[setting.name] = setting.default_value;
    return choice;
  } catch (const Error& e) {
    const std::string hint =
        catalog.find(kind, name).empty() && e.code() == ErrorCode::config ? hint_for_entry(catalog, kind, name) : "";
    throw Error(e.code(),
                place + ": " +
                    (hint.empty() ? e.what()
                                  : "unknown " + std::string(name_of(kind)) + " \"" + one_line(name) + "\"; " + hint));
  }
}

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
      choice.warnings.push_back(yaml::place(key) + ": " + full_name + ": older name; write \"" + found->name + "\"");
    choice.settings[found->name] = read_value(value, {full_name, *found});
  };
  ErrorList errors;
  for (const auto& member : section.members)
    if (std::find(own.begin(), own.end(), member.first.text) == own.end())
      errors.run([&] { read(member.first, member.second); });
  errors.check();
}

const SettingInfo* find_setting(const EntryInfo& entry, const std::string& name) {
  for (const auto& setting : entry.settings)
    if (is_called(setting, name)) return &setting;
  return nullptr;
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
  Choice choice = choose(catalog, kind, read_name(id, name, "an id"), yaml::place(id));
  read_settings(section, name, choice);
  return choice;
}

}  // namespace calotype
