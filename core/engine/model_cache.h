#pragma once
#include <calotype/host/resolved_config.h>
#include <calotype/model_loader.h>

#include <memory>
#include <string>

#include "engine/device.h"
#include "loading/library.h"

namespace calotype {

/// Opens models through their loaders, and keeps the last one.
class ModelCache {
 public:
  explicit ModelCache(Libraries& libraries) : libraries_(libraries) {}
  ModelDescription describe(const std::string& path, const Choice& loader);
  /// What ModelLoader::warnings says of it.
  std::vector<std::string> warnings(const std::string& path, const Choice& loader, const Request& request);
  /// What ModelLoader::memory_need says of it.
  MemoryNeed memory_need(const std::string& path, const Choice& loader, const LoadOptions& options,
                         const Request& request);
  /// Whether `get` would load nothing: files, settings and options are those of the kept model.
  bool has(const std::string& path, const Choice& loader, const LoadOptions& options) const;
  /// The kept model where it will do, else a new one; the old one goes first.
  Model& get(const std::string& path, const Choice& loader, const LoadOptions& options);
  /// What of the taken memory is the kept model's: what loading took, and what was taken since for weights that are
  /// read in place.
  TakenMemory held() const;
  void clear();

 private:
  std::unique_ptr<ModelLoader> make(const Choice& loader);
  Libraries& libraries_;
  std::string key_;
  TakenMemory before_;  // the kept model was loaded
  uint64_t loaded_ = 0, weights_ = 0;
  std::unique_ptr<Model> model_;
  at::Device device_ = at::kCPU;
};

}  // namespace calotype
