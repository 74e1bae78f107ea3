#include "config/read_model.h"

#include "base/user_paths.h"
#include "config/read_choice.h"
#include "models/loader_match.h"
#include "models/model_lookup.h"
#include "registry/choice.h"
#include "yaml/read_value.h"

namespace calotype {

using yaml::Node;

ModelLocation locate_model(const ConfigTree& tree, const Catalog& catalog, const ModelSearchPath& search,
                           const Node& node, const std::string& key) {
  const std::string name = read_name(node, key, "a path or a name");
  Node expanded = node;
  expanded.text = with_home(name);
  try {
    return find_model(name, absolute_path(tree, expanded), search, ModelMarks(catalog));
  } catch (const Error& e) {
    yaml::fail(node, key + ": " + e.what(), e.code());
  }
}

void read_model(const ConfigTree& tree, const Catalog& catalog, const ModelSearchPath& search, const Node& section,
                ResolvedConfig& out, const std::string& key) {
  if (section.kind != Node::Kind::map) fail_unwanted(section, key, "a path, or a map with a path");
  const Node& path = want_key(section, key, "path");
  out.model = locate_model(tree, catalog, search, path, key).path;
  const Node* loader = section.find("loader");
  const Node& decides = loader ? *loader : path;
  const std::string id =
      loader ? read_name(*loader, key + ".loader", "an id") : loader_for(catalog, path, key, out.model);
  out.loader = choose(catalog, Kind::loader, id, yaml::position(decides));
  read_settings(section, key, out.loader);
  for (const SettingInfo& setting : out.loader.entry.settings) {
    const Node* given = setting.is_path ? find_given(section, setting) : nullptr;
    if (given && !given->text.empty())
      out.loader.settings[setting.name] = locate_model(tree, catalog, search, *given, key + "." + setting.name).path;
  }
}

}  // namespace calotype
