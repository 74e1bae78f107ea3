#pragma once
#include <calotype/error.h>
#include <calotype/host/config.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "base/spelling.h"
#include "config/config_keys.h"
#include "config/declared_keys.h"
#include "registry/manifest.h"

namespace config_test {
using namespace calotype;
namespace fs = std::filesystem;

/// A folder of its own with model files in it, removed at the end. Tests run in it, so that messages have short paths.
class Folder {
 public:
  Folder() : before_(fs::current_path()) {
    std::string name = (fs::temp_directory_path() / "calotype-config-XXXXXX").string();
    path_ = fs::canonical(mkdtemp(name.data()));
    fs::current_path(path_);
    for (const char* file :
         {"m.safetensors", "other.safetensors", "old.ckpt", "old.bin", "notes.txt", "sd/model_index.json", "x.two"})
      write(file, "");
    fs::create_directories("empty");
    fs::create_directories("plugins");
  }
  ~Folder() {
    fs::current_path(before_);
    fs::remove_all(path_);
  }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  static void write(const fs::path& name, const std::string& text) {
    if (name.has_parent_path()) fs::create_directories(name.parent_path());
    std::ofstream(name, std::ios::binary) << text;
  }

 private:
  fs::path before_, path_;
};

inline EntryInfo entry(Kind kind, std::string id, std::string pairs_with = "", std::vector<SettingInfo> settings = {}) {
  EntryInfo e;
  e.kind = kind;
  e.id = std::move(id);
  e.pairs_with = std::move(pairs_with);
  e.settings = std::move(settings);
  e.vendor = "calotype";
  e.library = "calotype.so";
  return e;
}

/// The keys that all loaders, or all pipelines, of a library that is built declare.
inline std::vector<SettingInfo> declared_keys(const std::string& library) {
  std::vector<SettingInfo> out;
  for (const EntryInfo& e : read_manifests(CALOTYPE_BUILD "/lib/calotype/plugins/" + library).entries)
    for (const SettingInfo& key : e.request)
      if (std::none_of(out.begin(), out.end(), [&](const auto& known) { return known.name == key.name; }))
        out.push_back(key);
  return out;
}

/// Every type of setting, every form of pairing, no plugin.
inline Catalog make_catalog() {
  using Type = SettingInfo::Type;
  constexpr double inf = std::numeric_limits<double>::infinity();
  const SettingInfo rho{"rho", "", Type::number, 7.0, 0.5, inf, {}};
  const SettingInfo sigma_min{"sigma_min", "", Type::number, std::monostate(), 0, 1000, {}};
  const SettingInfo spacing{
      "spacing", "", Type::choice, std::string("linspace"), -inf, inf, {"linspace", "leading", "trailing"}};
  const SettingInfo order{"order", "", Type::integer, 2.0, 1, 3, {}};
  SettingInfo window{"window", "", Type::integer, 0.0, -inf, inf, {}};
  window.formerly = {"frame", "span"};
  const SettingInfo last{"last", "", Type::number, 0.0, -inf, 0, {}};
  const SettingInfo polish{"polish", "", Type::boolean, false, 0, 1, {}};
  SettingInfo vae{"vae", "", Type::text, std::string(), -inf, inf, {}, true};
  vae.formerly = {"autoencoder"};
  const SettingInfo weights{"weights", "", Type::numbers, std::vector<double>{1, 0.5}, 0, 1, {}};
  auto karras = entry(Kind::scheduler, "karras", "euler", {rho, sigma_min});
  karras.aliases = {"edm"};
  auto sdxl = entry(Kind::loader, "sdxl", "", {vae});
  sdxl.accepts = {"model_index.json/", ".safetensors", ".two"};
  auto other = entry(Kind::loader, "other");
  other.accepts = {".two"};
  static const std::vector<SettingInfo> of_sdxl = declared_keys("sdxl.so"), of_tasks = declared_keys("pipelines.so");
  sdxl.request = other.request = of_sdxl;
  auto task = entry(Kind::pipeline, "text_to_image");
  task.request = of_tasks;
  auto foreign = entry(Kind::sampler, "heun", "karras");
  foreign.vendor = "acme", foreign.library = "acme.so";
  return Catalog({karras, entry(Kind::scheduler, "dpm_pp_2m_karras", "dpm_pp_2m", {rho}),
                  entry(Kind::scheduler, "normal", "", {spacing, last}), entry(Kind::scheduler, "lost", "gone"),
                  entry(Kind::sampler, "euler", "normal", {polish, window}),
                  entry(Kind::sampler, "dpm_pp_2m", "karras", {order, weights}), entry(Kind::sampler, "alone"),
                  entry(Kind::sampler, "heun", "karras"), foreign, task, sdxl, other},
                 {}, {});
}

/// What resolving reports: the error's text, or "fine".
template <class Function>
std::string message_of(Function function, ErrorCode expected = ErrorCode::config) {
  try {
    function();
  } catch (const Error& e) {
    CHECK(e.code() == expected);
    return e.what();
  }
  return "fine";
}

/// Puts a config and what resolving it reports into the folder CALOTYPE_KEEP_CONFIGS, where that is given: for
/// schema_test.cpp.
inline void keep(const std::string& yaml, const std::string& message) {
  static int count = 0;
  const char* folder = std::getenv("CALOTYPE_KEEP_CONFIGS");
  if (!folder) return;
  const std::string name = folder + std::string("/") + std::to_string(++count);
  Folder::write(name + ".yaml", yaml);
  Folder::write(name + ".txt", message);
}

inline ResolvedConfig resolved(const std::string& yaml, const std::vector<std::string>& overrides = {}) {
  try {
    auto config = resolve(Config::from_text(yaml, "a.yaml", overrides), make_catalog());
    if (overrides.empty()) keep(yaml, "fine");
    return config;
  } catch (const Error& e) {
    if (overrides.empty()) keep(yaml, e.what());
    throw;
  }
}

/// What a config gives a key that a loader or pipeline declares.
template <class T>
T option(const ResolvedConfig& config, const std::string& name) {
  const Value* found = config.request.options.find(name);
  REQUIRE(found);
  return std::get<T>(*found);
}

/// The error of an unknown key, without its position.
inline std::string unknown_key(const std::string& name) {
  return unknown_name("key", name, top_level_names(keys_of(make_catalog())), {}, "calotype list keys");
}

/// The two keys that every config has.
inline const std::string kBase = "model: m.safetensors\nprompt: a cat\n";

}  // namespace config_test
