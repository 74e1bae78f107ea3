#pragma once
#include <calotype/host/resolved_config.h>
#include <calotype/model_loader.h>

#include <memory>
#include <string>
#include <vector>

namespace calotype {

/// A loader by its factory. Throws Error (internal) that names it where there is none.
std::unique_ptr<ModelLoader> make_loader(const EntryInfo& entry, const void* implementation);

/// An OpenedModel as its loader gave it: what it throws names the loader, and what it returns is looked at.
class OpenedByLoader {
 public:
  /// Opens `path`. `key`: what identifies it.
  OpenedByLoader(const std::string& path, const Choice& loader, const void* implementation, std::string key);

  /// Another once a file of the model, or a setting of its loader, is another.
  const std::string& key() const { return key_; }
  const ModelDescription& description() const { return description_; }
  std::vector<std::string> warnings(const Request& request, const DenoiserUse& use) const;
  MemoryNeed memory_need(const LoadOptions& options, const Request& request, const DenoiserUse& use) const;
  std::unique_ptr<Model> load(const LoadOptions& options) const;

 private:
  const EntryInfo loader_;
  const std::string key_;
  std::unique_ptr<OpenedModel> model_;
  ModelDescription description_;
};

}  // namespace calotype
