#pragma once
#include <calotype/export.h>
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

/// A config as it was written, with overrides applied. Its syntax is checked; its keys and values are not. A value,
/// cheap to copy. Every function throws Error (config); the text begins with the position in the file,
/// configs/a.yaml:7:14, or with the override.
/// An override is written KEY=VALUE: `steps=20`, `scheduler.rho=5`, `scheduler={id: euler, spacing: leading}`,
/// `original_size=[512,384]`. It replaces the config's value of this key; `scheduler.rho=5` keeps the scheduler's id
/// and its other settings. VALUE is a YAML flow value, except that a text, such as a prompt or a path, stays as it is,
/// without quotes. A later override wins over an earlier one.
class CALOTYPE_API Config {
 public:
  /// Reads a file. Relative paths in the file are relative to its folder, those in overrides to the working directory.
  static Config from_file(const std::string& path, const std::vector<std::string>& overrides = {});
  /// Reads a text. `name`: what messages call it. Relative paths are relative to the working directory.
  static Config from_text(std::string_view yaml, const std::string& name,
                          const std::vector<std::string>& overrides = {});
  /// Reads what ResolvedConfig::to_json wrote. An image from a stranger may contain it, so it may not decide what is
  /// loaded or written: `plugins` and `output` are refused, unless an override sets them.
  static Config from_json(std::string_view json, const std::string& name,
                          const std::vector<std::string>& overrides = {});

  /// Makes a config from a request; messages call it "request". Relative paths are relative to the working directory.
  static Config from_request(const GenerateRequest& request);
  /// Makes a config from the library's own tree.
  explicit Config(std::shared_ptr<const ConfigTree> tree) : tree_(std::move(tree)) {}

  /// What messages call this config: the file's path, or the name that it was given.
  const std::string& name() const;
  /// The plugin folders that the config names, absolute and checked. The host reads them before `resolve`, to make the
  /// catalog.
  std::vector<std::string> plugin_paths() const;
  /// `search_path`, in which the folders and files that the config names replace the given ones.
  ModelSearchPath model_search_path(const ModelSearchPath& search_path) const;
  const ConfigTree& tree() const { return *tree_; }

 private:
  std::shared_ptr<const ConfigTree> tree_;
};

/// Checks every key, name and value of a config, and fills in every default. Reads no weight and loads no plugin.
/// `search_path`: where a model is looked up by name, unless the config says otherwise. Throws Error (config),
/// ConfigErrors for several errors, or Error (no_input) if the model does not exist.
CALOTYPE_API ResolvedConfig resolve(const Config& config, const Catalog& catalog,
                                    const ModelSearchPath& search_path = {});

}  // namespace calotype
