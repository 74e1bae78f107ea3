#pragma once
#include <calotype/host/resolved_config.h>

#include <list>
#include <memory>
#include <optional>
#include <string>

#include "device/device.h"
#include "engine/opened_by_loader.h"
#include "loading/library.h"

namespace calotype {

/// Opens models through their loaders and keeps the last ones opened; keeps the last loaded one too.
class ModelCache {
 public:
  explicit ModelCache(Libraries& libraries) : libraries_(libraries) {}
  /// The kept one where neither its files nor the settings have changed since, else a new one, which is kept.
  std::shared_ptr<const OpenedByLoader> open(const std::string& path, const Choice& loader);
  /// Of the one that `open` would give.
  static std::string key_of(const std::string& path, const Choice& loader);
  /// What is known of a model, which is opened for it and closed again. Any thread, several at once.
  ModelDescription describe(const std::string& path, const Choice& loader) const;
  /// Of one that cannot be opened: what its loader finds there and missing; nothing where that is not the reason.
  std::optional<ModelDescription> describe_incomplete(const std::string& path, const Choice& loader) const;
  /// Whether `get` would load nothing: files, settings and options are those of the kept model.
  bool has(const std::string& path, const Choice& loader, const LoadOptions& options) const;
  /// The kept model where it will do, else a new one; the old one goes first.
  Model& get(const std::string& path, const Choice& loader, const LoadOptions& options);
  /// What of the taken memory is the kept model's: what loading took, and what was taken since for weights that are
  /// read in place.
  TakenMemory held() const;
  /// Nothing is kept then.
  void clear();

 private:
  /// Lets the loaded model go, and what it was loaded from, which may have read its files into memory.
  void drop_loaded();
  OpenedByLoader opened(const std::string& path, const Choice& loader, std::string key) const;
  Libraries& libraries_;
  std::list<std::shared_ptr<const OpenedByLoader>> opened_;  // the last one first
  std::string key_;                                          // of the loaded model: the opened one's, and the options
  std::string loaded_from_;                                  // the opened one's key
  TakenMemory before_;                                       // the kept model was loaded
  uint64_t loaded_ = 0, weights_ = 0;
  std::unique_ptr<Model> model_;
  at::Device device_ = at::kCPU;
};

}  // namespace calotype
