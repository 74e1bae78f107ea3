#include "engine/model_cache.h"

#include <calotype/file_kind.h>

#include <algorithm>
#include <filesystem>

#include "base/error_boundary.h"
#include "base/file.h"
#include "base/folder_files.h"
#include "base/parse_number.h"

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

/// Of the components that are given apart.
std::string stamps_of_parts(const Choice& loader) {
  std::string out;
  for (const auto& setting : loader.entry.settings) {
    const auto given = setting.is_path ? loader.settings.find(setting.name) : loader.settings.end();
    const auto* text = given == loader.settings.end() ? nullptr : std::get_if<std::string>(&given->second);
    if (text && !text->empty()) out += stamp(*text);
  }
  return out;
}

std::string with(const LoadOptions& options, const std::string& key) {
  std::string out = key + '\n' + name_of(options.device) + name_of(options.dtype);
  for (const int choice : {int(options.memory), int(options.quantize), int(options.tiled_decode)})
    out += ' ' + std::to_string(choice);
  return out;
}

uint64_t growth(uint64_t before, uint64_t now) {
  return std::max(before, now) - before;
}

}  // namespace

std::string ModelCache::key_of(const std::string& path, const Choice& loader) {
  std::string key = stamp(path) + stamps_of_parts(loader) + loader.entry.library + loader.entry.id;
  for (const auto& [name, value] : loader.settings) key += "\n" + name + "=" + shown(value);
  return key;
}

OpenedByLoader ModelCache::opened(const std::string& path, const Choice& loader, std::string key) const {
  return OpenedByLoader(path, loader, libraries_.implementation(loader.entry), std::move(key));
}

std::shared_ptr<const OpenedByLoader> ModelCache::open(const std::string& path, const Choice& loader) {
  constexpr size_t kMost = 8;  // the models of a grid; a file of each stays mapped
  std::string key = key_of(path, loader);
  const auto kept = std::find_if(opened_.begin(), opened_.end(), [&](const auto& one) { return one->key() == key; });
  if (kept != opened_.end()) {
    opened_.splice(opened_.begin(), opened_, kept);
    return opened_.front();
  }
  opened_.push_front(std::make_shared<const OpenedByLoader>(opened(path, loader, std::move(key))));
  if (opened_.size() > kMost) opened_.pop_back();
  return opened_.front();
}

ModelDescription ModelCache::describe(const std::string& path, const Choice& loader) const {
  return opened(path, loader, "").description();
}

std::optional<ModelDescription> ModelCache::describe_incomplete(const std::string& path, const Choice& loader) const {
  const auto made = make_loader(loader.entry, libraries_.implementation(loader.entry));
  try {
    return in_plugin(loader.entry, [&] { return made->describe_incomplete(path); });
  } catch (const Error&) {
    return std::nullopt;  // what `open` said of the damage says more
  }
}

bool ModelCache::has(const std::string& path, const Choice& loader, const LoadOptions& options) const {
  return model_ && key_ == with(options, key_of(path, loader));
}

Model& ModelCache::get(const std::string& path, const Choice& loader, const LoadOptions& options) {
  if (has(path, loader, options)) return *model_;
  drop_loaded();
  const auto from = open(path, loader);
  before_ = taken_memory(options.device);
  model_ = from->load(options);
  device_ = options.device;
  loaded_ = growth(before_.all, taken_memory(device_).all);
  Request any;  // the weights are the same for all
  any.width = from->description().width, any.height = from->description().height;
  weights_ = from->memory_need(options, any, {}).weights;
  loaded_from_ = from->key();
  key_ = with(options, loaded_from_);
  return *model_;
}

TakenMemory ModelCache::held() const {
  if (!model_) return {};
  const TakenMemory now = taken_memory(device_);
  const uint64_t all = std::clamp(growth(before_.all, now.all), loaded_, std::max(loaded_, weights_));
  return {all, std::min(growth(before_.anonymous, now.anonymous), all)};
}

void ModelCache::drop_loaded() {
  model_.reset();
  opened_.remove_if([&](const auto& one) { return one->key() == loaded_from_; });
  key_.clear(), loaded_from_.clear();
  release_cache(device_);
}

void ModelCache::clear() {
  opened_.clear();
  drop_loaded();
}

}  // namespace calotype
