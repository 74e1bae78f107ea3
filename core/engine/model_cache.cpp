#include "engine/model_cache.h"

#include <calotype/file_kind.h>

#include <algorithm>
#include <filesystem>

#include "base/error_boundary.h"
#include "base/file.h"
#include "base/folder_files.h"
#include "base/parse_number.h"
#include "engine/returned.h"
#include "schedule/scheduler_call.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

/// Changes when any file of the model does.
std::string stamp(const fs::path& path) {
  std::string out;
  for (const auto& file : model_files_of(path)) out += file + ' ' + stamp_of(file) + '\n';
  return out;
}

std::string shown(const Value& value) {
  std::string out;
  if (const auto* b = std::get_if<bool>(&value)) out = *b ? "true" : "false";
  if (const auto* d = std::get_if<double>(&value)) out = format_number(*d);
  if (const auto* s = std::get_if<std::string>(&value)) out = *s;
  if (const auto* n = std::get_if<Numbers>(&value))
    for (double v : *n) out += format_number(v) + ' ';
  return out;
}

/// Of the parts that are given apart.
std::string stamps_of_parts(const Choice& loader) {
  std::string out;
  for (const auto& setting : loader.entry.settings) {
    const auto given = setting.is_path ? loader.settings.find(setting.name) : loader.settings.end();
    const auto* text = given == loader.settings.end() ? nullptr : std::get_if<std::string>(&given->second);
    if (text && !text->empty()) out += stamp(*text);
  }
  return out;
}

std::string key_of(const std::string& path, const Choice& loader, const LoadOptions& options) {
  std::string key = stamp(path) + stamps_of_parts(loader) + loader.entry.library + loader.entry.id +
                    name_of(options.device) + name_of(options.dtype);
  for (const int choice : {int(options.memory), int(options.quantize), int(options.tiled_decode)})
    key += ' ' + std::to_string(choice);
  for (const auto& [name, value] : loader.settings) key += "\n" + name + "=" + shown(value);
  return key;
}

uint64_t growth(uint64_t before, uint64_t now) {
  return std::max(before, now) - before;
}

}  // namespace

bool ModelCache::has(const std::string& path, const Choice& loader, const LoadOptions& options) const {
  return model_ && key_ == key_of(path, loader, options);
}

std::unique_ptr<ModelLoader> ModelCache::make(const Choice& loader) {
  const auto* factory = static_cast<ModelLoaderFactory* const*>(libraries_.implementation(loader.entry));
  auto out = in_plugin(loader.entry, [&] { return std::unique_ptr<ModelLoader>((*factory)()); });
  return Returned(loader.entry, "its factory").there(std::move(out), "a loader");
}

ModelDescription ModelCache::describe(const std::string& path, const Choice& loader) {
  const AbiSettings abi(loader.entry, loader.settings);
  ModelDescription out = in_plugin(loader.entry, [&] { return make(loader)->describe({path, Settings(abi.get())}); });
  const Returned described(loader.entry, "describe");
  described.rising(out.training_sigmas);
  if (out.width < 1 || out.height < 1)
    described.fail("a width and a height above 0", std::to_string(out.width) + "x" + std::to_string(out.height));
  return out;
}

std::vector<std::string> ModelCache::warnings(const std::string& path, const Choice& loader, const Request& request) {
  const AbiSettings abi(loader.entry, loader.settings);
  return in_plugin(loader.entry, [&] { return make(loader)->warnings({path, Settings(abi.get())}, request); });
}

MemoryNeed ModelCache::memory_need(const std::string& path, const Choice& loader, const LoadOptions& options,
                                   const Request& request) {
  const AbiSettings abi(loader.entry, loader.settings);
  return in_plugin(loader.entry,
                   [&] { return make(loader)->memory_need({path, Settings(abi.get())}, options, request); });
}

Model& ModelCache::get(const std::string& path, const Choice& loader, const LoadOptions& options) {
  if (has(path, loader, options)) return *model_;
  clear();
  const AbiSettings abi(loader.entry, loader.settings);
  before_ = taken_memory(options.device);
  auto fresh = in_plugin(loader.entry, [&] { return make(loader)->load({path, Settings(abi.get())}, options); });
  model_ = Returned(loader.entry, "load").there(std::move(fresh), "a model");
  if (model_->device().type() != options.device.type()) {
    const std::string found = model_->device().str();
    model_.reset();
    Returned(loader.entry, "load").fail("a model on " + options.device.str(), "one on " + found);
  }
  device_ = options.device;
  loaded_ = growth(before_.all, taken_memory(device_).all);
  Request any;  // the weights are the same for all
  any.width = any.height = 1024;
  weights_ = memory_need(path, loader, options, any).weights;
  key_ = key_of(path, loader, options);
  return *model_;
}

TakenMemory ModelCache::held() const {
  if (!model_) return {};
  const TakenMemory now = taken_memory(device_);
  const uint64_t all = std::clamp(growth(before_.all, now.all), loaded_, std::max(loaded_, weights_));
  return {all, std::min(growth(before_.anonymous, now.anonymous), all)};
}

void ModelCache::clear() {
  model_.reset();
  key_.clear();
  release_cache(device_);
}

}  // namespace calotype
