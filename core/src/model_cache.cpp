#include "model_cache.h"

#include <filesystem>
#include <sstream>

#include "schedule.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

/// Changes when any file of the model does.
std::string stamp(const fs::path& path) {
  std::ostringstream out;
  const auto add = [&](const fs::path& file) {
    std::error_code none;
    out << file.string() << ' ' << fs::file_size(file, none) << ' ' << fs::last_write_time(file, none).time_since_epoch().count() << '\n';
  };
  std::error_code none;
  if (fs::is_directory(path, none))
    for (const auto& file : fs::recursive_directory_iterator(path, none)) add(file.path());
  else add(path);
  return out.str();
}

std::string shown(const Value& value) {
  std::ostringstream out;
  out.precision(17);
  if (const auto* b = std::get_if<bool>(&value)) out << *b;
  if (const auto* d = std::get_if<double>(&value)) out << *d;
  if (const auto* s = std::get_if<std::string>(&value)) out << *s;
  if (const auto* n = std::get_if<std::vector<double>>(&value))
    for (double v : *n) out << v << ' ';
  return out.str();
}

std::string key_of(const std::string& path, const Choice& loader, const Placement& placement) {
  std::string key = stamp(path) + loader.entry.library + loader.entry.id + name_of(placement.device) + name_of(placement.dtype);
  for (const auto& [name, value] : loader.settings) key += "\n" + name + "=" + shown(value);
  return key;
}

}  // namespace

bool ModelCache::has(const std::string& path, const Choice& loader, const Placement& placement) const {
  return model_ && key_ == key_of(path, loader, placement);
}

std::unique_ptr<ModelLoader> ModelCache::make(const Choice& loader) {
  const auto* factory = static_cast<ModelLoaderFactory* const*>(libraries_.implementation(loader.entry));
  return std::unique_ptr<ModelLoader>((*factory)());
}

ModelDescription ModelCache::describe(const std::string& path, const Choice& loader) {
  const AbiSettings abi(loader.entry, loader.settings);
  return make(loader)->describe({path, Settings(abi.get())});
}

Model& ModelCache::get(const std::string& path, const Choice& loader, const Placement& placement) {
  if (has(path, loader, placement)) return *model_;
  clear();
  const AbiSettings abi(loader.entry, loader.settings);
  model_ = make(loader)->load({path, Settings(abi.get())}, placement.device, placement.dtype);
  device_ = placement.device;
  key_ = key_of(path, loader, placement);
  return *model_;
}

void ModelCache::clear() {
  model_.reset();
  key_.clear();
  release_cache(device_);
}

}  // namespace calotype
