#pragma once
#include <calotype/host/catalog.h>
#include <calotype/host/models.h>
#include <calotype/host/resolved_config.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace calotype {

struct ConfigTree;
struct GenerateRequest;

/// A config as it was written, with overrides applied: its form is checked, its keys and values are not yet. A value,
/// cheap to copy. Every function throws Error (config), whose text says where: configs/a.yaml:7:14, or the override.
///
/// An override is written KEY=VALUE: `steps=20`, `scheduler.rho=5`, `scheduler={id: euler, spacing: leading}`,
/// `original_size=[512,384]`. It replaces what the config says of that key; `scheduler.rho=5` keeps the scheduler's id
/// and its other settings. VALUE is a YAML flow value, except that a text, such as a prompt or a path, is taken as it
/// is: no quotes. Later overrides win.
class Config {
 public:
  /// Relative paths in the file are relative to its folder, in overrides to the working directory.
  static Config from_file(const std::string& path, const std::vector<std::string>& overrides = {});
  /// @param name  what messages call the text. Relative paths are relative to the working directory.
  static Config from_text(std::string_view yaml, const std::string& name,
                          const std::vector<std::string>& overrides = {});
  /// What ResolvedConfig::to_json wrote. It may come from anyone's image, so it may not say what is loaded or
  /// written: `plugins` and `output` are refused, unless an override gives them.
  static Config from_json(std::string_view json, const std::string& name,
                          const std::vector<std::string>& overrides = {});

  /// The config that a request stands for; messages call it "request". Relative paths are relative to the working
  /// directory.
  static Config from_request(const GenerateRequest& request);
  /// Of a tree that the library made.
  explicit Config(std::shared_ptr<const ConfigTree> tree) : tree_(std::move(tree)) {}

  /// What messages call it.
  const std::string& name() const;
  /// Folders to be searched for plugins, absolute, checked: what a catalog is made from, before `resolve`.
  std::vector<std::string> plugin_paths() const;
  /// `places`, with the folders and files that the config names in their stead.
  ModelSearchPath model_search_path(const ModelSearchPath& places) const;
  const ConfigTree& tree() const { return *tree_; }

 private:
  std::shared_ptr<const ConfigTree> tree_;
};

/// Checks every key, name and value, and fills in every default. Reads no weight and loads no plugin. `places`: where
/// the model is looked for by name, unless the config says. Throws Error: config, or no_input where the model is not
/// there.
ResolvedConfig resolve(const Config& config, const Catalog& catalog, const ModelSearchPath& places = {});

}  // namespace calotype
