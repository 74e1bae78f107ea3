#pragma once
#include <calotype/host/resolved_config.h>
#include <calotype/model_loader.h>

#include <memory>
#include <string>

#include "device.h"
#include "library.h"

namespace calotype {

/// Opens models through their loaders, and keeps the last one.
class ModelCache {
 public:
  explicit ModelCache(Libraries& libraries) : libraries_(libraries) {}
  ModelDescription describe(const std::string& path, const Choice& loader);
  /// Whether `get` would load nothing: files, settings, device and type are those of the kept model.
  bool has(const std::string& path, const Choice& loader, const Placement& placement) const;
  /// The kept model where it will do, else a new one; the old one goes first.
  Model& get(const std::string& path, const Choice& loader, const Placement& placement);
  void clear();

 private:
  std::unique_ptr<ModelLoader> make(const Choice& loader);
  Libraries& libraries_;
  std::string key_;
  std::unique_ptr<Model> model_;
  at::Device device_ = at::kCPU;
};

}  // namespace calotype
