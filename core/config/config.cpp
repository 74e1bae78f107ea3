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

std::shared_ptr<const ConfigTree> make_tree(const std::string& name, const fs::path& folder, yaml::Node root,
                                            const std::vector<std::string>& overrides) {
  auto tree = std::make_shared<ConfigTree>(ConfigTree{name, folder, std::move(root)});
  expand_shorthands(tree->root);
  ErrorList errors;
  for (const auto& text : overrides) errors.run([&] { apply_override(tree->root, text); });
  errors.check();
  return tree;
}

}  // namespace

Config Config::from_file(const std::string& path, const std::vector<std::string>& overrides) {
  return at_border("", [&] {
    const fs::path folder = fs::absolute(path).parent_path();
    return Config(make_tree(
        path, folder, yaml::parse(read_file(path, yaml::kMaxConfigBytes), path, yaml::kMaxConfigBytes), overrides));
  });
}

Config Config::from_text(std::string_view text, const std::string& name, const std::vector<std::string>& overrides) {
  return at_border("", [&] {
    return Config(
        make_tree(name, fs::path(working_folder()), yaml::parse(text, name, yaml::kMaxConfigBytes), overrides));
  });
}

Config Config::from_json(std::string_view json, const std::string& name, const std::vector<std::string>& overrides) {
  return at_border("", [&] {
    yaml::Node root = yaml::parse(json, name, yaml::kMaxConfigBytes);
    for (const auto& [key, value] : root.members)
      if (key.text == "plugins" || key.text == "output" || key.text == "wildcards")
        yaml::fail(key, "\"" + key.text + "\" may not stand in a record; give it by an override");
    std::vector<std::string> all = overrides;
    if (!root.find("noise")) all.insert(all.begin(), "noise=torch");  // it was so before there was a choice
    return Config(make_tree(name, fs::path(working_folder()), std::move(root), all));
  });
}

const std::string& Config::name() const {
  return tree_->name;
}

std::vector<std::string> Config::plugin_paths() const {
  return at_border("", [&] { return read_plugin_folders(*tree_); });
}

ModelPlaces Config::model_places(const ModelPlaces& places) const {
  return read_model_places(*tree_, places);
}

std::string absolute_path(const ConfigTree& tree, const yaml::Node& path) {
  const fs::path folder = path.line ? fs::path(tree.folder) : fs::path(working_folder());
  std::string normal = (folder / path.text).lexically_normal().string();
  while (normal.size() > 1 && normal.back() == '/') normal.pop_back();
  return normal;
}

}  // namespace calotype
