#include "entry_defaults.h"

#include "choose.h"
#include "config_tree.h"
#include "value_node.h"

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
    sections_.erase(name);
    return;
  }
  Node section = section_of(entry, "default " + name);
  read_choice(catalog, kind, section);
  sections_[name] = std::move(section);
}

Config EntryDefaults::apply(const Config& config) const {
  if (sections_.empty()) return config;
  auto tree = std::make_shared<ConfigTree>(config.tree());
  for (const auto& [name, section] : sections_) {
    Node* given = tree->root.find(name);
    if (!given) put(tree->root, name, section);
    if (!given || given->kind != Node::Kind::map || given->find("id")) continue;
    for (const auto& [key, value] : section.members)  // settings alone are of the default entry
      if (!given->find(key.text)) put(*given, key.text, value);
  }
  return Config(std::move(tree));
}

}  // namespace calotype
