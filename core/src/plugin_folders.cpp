#include "plugin_folders.h"

#include "choose.h"
#include "config_keys.h"
#include "read_value.h"

namespace calotype {
namespace {

using yaml::Node;

std::string read_folder(const ConfigTree& tree, const Node& node, const std::string& name, const std::string& what) {
  read_name(node, name, what);
  const std::string path = absolute_path(tree, node);
  std::error_code none;
  if (!std::filesystem::is_directory(path, none))
    yaml::fail(node, name + ": no folder \"" + path + "\"", ErrorCode::no_input);
  return path;
}

}  // namespace

std::vector<std::string> read_plugin_folders(const ConfigTree& tree) {
  const std::string what = "a folder or a list of folders";
  const Node* section = tree.root.find("plugins");
  if (!section) return {};
  if (section->kind != Node::Kind::map) fail_unwanted(*section, "plugins", "a map with path");
  for (const auto& [key, value] : section->members)
    if (key.text != "path") fail_unknown_key(key, "plugins", names_in("plugins"));
  const Node& path = want_key(*section, "plugins", "path");
  if (path.kind != Node::Kind::list) return {read_folder(tree, path, "plugins.path", what)};
  std::vector<std::string> out;
  for (const Node& item : path.items)
    out.push_back(read_folder(tree, item, "plugins.path[" + std::to_string(out.size()) + "]", "a folder"));
  return out;
}

}  // namespace calotype
