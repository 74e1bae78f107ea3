#include "config/entry_defaults.h"

#include "config/config_tree.h"
#include "config/read_choice.h"
#include "registry/choice.h"
#include "yaml/value_node.h"

namespace calotype {

using yaml::Node;

Node section_of(const EntryRequest& entry, const std::string& origin) {
  Node section = map_node(origin);
  put(section, "id", text_node(entry.id, origin));
  for (const auto& [name, value] : entry.settings) put(section, name, value_node(value, origin));
  return section;
}

void EntryDefaults::set(const Catalog& catalog, Kind kind, const EntryRequest& entry) {
  const std::string name(name_of(kind));
  if (entry.id.empty()) {
    defaults_.erase(name);
    return;
  }
  Node section = section_of(entry, "default " + name);
  EntryInfo found = read_choice(catalog, kind, section).entry;
  defaults_[name] = {std::move(section), std::move(found)};
}

Config EntryDefaults::apply(const Config& config) const {
  if (defaults_.empty()) return config;
  auto tree = std::make_shared<ConfigTree>(config.tree());
  for (const auto& [name, entry_default] : defaults_) {
    Node* given = tree->root.find(name);
    if (!given) put(tree->root, name, entry_default.section);
    if (!given || given->kind != Node::Kind::map || given->find("id")) continue;
    for (const auto& [key, value] : entry_default.section.members) {  // settings alone are of the default entry
      const SettingInfo* setting = find_setting(entry_default.entry, key.text);
      if (setting ? !find_given(*given, *setting) : !given->find(key.text)) put(*given, key.text, value);
    }
  }
  return Config(std::move(tree));
}

}  // namespace calotype
