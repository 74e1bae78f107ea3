#include "config/read_paths.h"

#include <calotype/file_kind.h>

#include "base/user_paths.h"
#include "config/config_keys.h"
#include "yaml/read_value.h"

namespace calotype {
namespace {

using yaml::Node;

using Test = bool (*)(const std::string&);

std::string read_path(const ConfigTree& tree, Node node, const std::string& name, const std::string& kind,
                      const std::string& what, Test is_wanted) {
  node.text = with_home(read_name(node, name, what));
  const std::string path = absolute_path(tree, node);
  if (kind == "folder" && is_file(path))
    yaml::fail(node,
               name + ": want a folder, got the file \"" + path + "\"; name its folder, \"" +
                   std::filesystem::path(path).parent_path().string() + "\"",
               ErrorCode::no_input);
  if (!is_wanted(path)) yaml::fail(node, name + ": no " + kind + " \"" + path + "\"", ErrorCode::no_input);
  return path;
}

std::vector<std::string> read_paths(const ConfigTree& tree, const Node& node, const std::string& name,
                                    const std::string& kind, Test is_wanted) {
  if (node.kind != Node::Kind::list)
    return {read_path(tree, node, name, kind, "a " + kind + " or a list of " + kind + "s", is_wanted)};
  std::vector<std::string> out;
  ErrorList errors;
  for (size_t i = 0; i < node.items.size(); ++i)
    errors.run([&] {
      const std::string item = name + "[" + std::to_string(i) + "]";
      out.push_back(read_path(tree, node.items[i], item, kind, "a " + kind, is_wanted));
    });
  errors.check();
  return out;
}

/// Null where it is not given.
const Node* plugins_section(const ConfigTree& tree) {
  const Node* section = tree.root.find("plugins");
  if (!section) return nullptr;
  if (section->kind != Node::Kind::map) fail_unwanted(*section, "plugins", "a map with path or allow");
  for (const auto& [key, value] : section->members)
    if (key.text != "path" && key.text != "allow") fail_unknown_key(key, "plugins", names_in("plugins"));
  return section;
}

}  // namespace

std::vector<std::string> read_folders(const ConfigTree& tree, const Node& node, const std::string& name) {
  return read_paths(tree, node, name, "folder", is_folder);
}

std::vector<std::string> read_files(const ConfigTree& tree, const Node& node, const std::string& name) {
  return read_paths(tree, node, name, "file", is_file);
}

std::vector<std::string> read_plugin_folders(const ConfigTree& tree) {
  const Node* section = plugins_section(tree);
  if (!section || (section->find("allow") && !section->find("path"))) return {};
  return read_folders(tree, want_key(*section, "plugins", "path"), "plugins.path");
}

std::optional<std::vector<std::string>> read_plugin_vendors(const ConfigTree& tree) {
  const Node* section = plugins_section(tree);
  const Node* allowed = section ? section->find("allow") : nullptr;
  if (!allowed) return {};
  if (allowed->kind != Node::Kind::list)
    return std::vector{read_name(*allowed, "plugins.allow", "a vendor or a list of vendors")};
  std::vector<std::string> out;
  for (const Node& item : allowed->items)
    out.push_back(read_name(item, "plugins.allow[" + std::to_string(out.size()) + "]", "a vendor"));
  return out;
}

std::vector<std::string> checked_plugin_folders(const ConfigTree& tree) {
  plugins_section(tree);  // what is wrong with it as a whole is reported once
  std::vector<std::string> folders;
  ErrorList errors;
  errors.run([&] { folders = read_plugin_folders(tree); });
  errors.run([&] { read_plugin_vendors(tree); });
  errors.check();
  return folders;
}

bool can_read_plugins(const ConfigTree& tree) {
  return ErrorList().run([&] { checked_plugin_folders(tree); });
}

ModelSearchPath read_model_search_path(const ConfigTree& tree, ModelSearchPath search) {
  if (const yaml::Node* given = tree.root.find("models_dir")) search.folders = read_folders(tree, *given, "models_dir");
  if (const yaml::Node* given = tree.root.find("model_paths"))
    search.comfyui_files = read_files(tree, *given, "model_paths");
  return search;
}

}  // namespace calotype
