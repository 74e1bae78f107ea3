#include <calotype/host/config.h>

#include "base/error_boundary.h"
#include "base/error_list.h"
#include "base/file.h"
#include "config/config_keys.h"
#include "config/config_tree.h"
#include "config/read_paths.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

std::shared_ptr<const ConfigTree> make_tree(ConfigTree tree, const std::vector<std::string>& overrides) {
  expand_shorthands(tree.root);
  bool are_applied = true;
  for (const auto& text : overrides)
    are_applied = tree.errors.run([&] { apply_override(tree.root, text); }) && are_applied;
  if (!are_applied) tree.errors.check();
  return std::make_shared<const ConfigTree>(std::move(tree));
}

/// Of a text, without overrides.
ConfigTree read_tree(std::string_view text, const std::string& name, const fs::path& folder) {
  ConfigTree tree{name, folder, {}};
  tree.root = yaml::parse(text, name, yaml::kMaxConfigBytes, tree.errors);
  return tree;
}

}  // namespace

Config Config::from_file(const std::string& path, const std::vector<std::string>& overrides) {
  return at_border("", [&] {
    if (path.empty()) throw Error(ErrorCode::no_input, "want the path of a config, got \"\"");
    const fs::path folder = fs::absolute(path).parent_path();
    return Config(make_tree(read_tree(read_file(path, yaml::kMaxConfigBytes), path, folder), overrides));
  });
}

Config Config::from_text(std::string_view text, const std::string& name, const std::vector<std::string>& overrides) {
  return at_border("", [&] { return Config(make_tree(read_tree(text, name, working_folder()), overrides)); });
}

Config Config::from_json(std::string_view json, const std::string& name, const std::vector<std::string>& overrides) {
  return at_border("", [&] {
    ConfigTree tree = read_tree(json, name, working_folder());
    for (const auto& [key, value] : tree.root.members)
      if (key.text == "plugins" || key.text == "output" || key.text == "wildcards")
        yaml::fail(key, "\"" + key.text + "\" may not stand in a record; give it by an override");
    std::vector<std::string> all = overrides;
    if (!tree.root.find("noise")) all.insert(all.begin(), "noise=torch");  // it was so before there was a choice
    return Config(make_tree(std::move(tree), all));
  });
}

const std::string& Config::name() const {
  return tree_->name;
}

std::vector<std::string> Config::plugin_paths() const {
  return at_border("", [&] {
    tree_->errors.check();
    return read_plugin_folders(*tree_);
  });
}

ModelSearchPath Config::model_search_path(const ModelSearchPath& search) const {
  return read_model_search_path(*tree_, search);
}

std::string absolute_path(const ConfigTree& tree, const yaml::Node& path) {
  const fs::path folder = path.line ? fs::path(tree.folder) : fs::path(working_folder());
  std::string normal = (folder / path.text).lexically_normal().string();
  while (normal.size() > 1 && normal.back() == '/') normal.pop_back();
  return normal;
}

}  // namespace calotype
