#include <calotype/host/host.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>

#include "base/call_lock.h"
#include "base/error_boundary.h"
#include "base/install_folder.h"
#include "base/user_paths.h"
#include "config/config_tree.h"
#include "config/entry_defaults.h"
#include "config/read_choice.h"
#include "config/read_model.h"
#include "config/read_paths.h"
#include "host/engine.h"
#include "loading/library.h"
#include "models/incomplete_model.h"
#include "models/loader_match.h"
#include "models/model_list.h"
#include "models/model_lookup.h"
#include "models/search_folders.h"
#include "registry/choice.h"
#include "registry/discovery.h"
#include "registry/plugin_rules.h"
#include "schedule/scheduler_call.h"
#include "yaml/read_value.h"

namespace calotype {

struct [[gnu::visibility("hidden")]] Host::Impl {
  explicit Impl(Options given) : options(std::move(given)), libraries(options.keep_loaded) {}

  Options options;
  EntryDefaults defaults;
  Libraries libraries;
  std::unique_ptr<Engine> loaded;
  std::atomic<bool> under_way = false;
  std::mutex making;

  /// What `call` makes of the engine, while no other call does.
  template <class Call>
  auto with_engine(const Call& call) {
    const CallLock alone(under_way);
    return call(engine());
  }
  /// Within a call, which may ask for it in several threads.
  Engine& engine() {
    const std::lock_guard lock(making);
    if (!loaded) loaded = make_engine(libraries);
    return *loaded;
  }
  /// What the plugins offer that keep to the rules; `more`: a config's folders.
  Catalog catalog(const std::vector<std::string>& more, PluginRules rules) const;
  /// With the folders that a config names, and by its rules.
  Catalog catalog(const ConfigTree& tree) const {
    PluginRules rules;
    rules.vendors = read_plugin_vendors(tree);
    rules.lock = PluginLock::in(tree.folder);
    return catalog(read_plugin_folders(tree), std::move(rules));
  }
  ModelSearchPath model_search_path() const {
    return options.model_search_path ? *options.model_search_path : ModelSearchPath::from_environment();
  }
};

Catalog Host::Impl::catalog(const std::vector<std::string>& more, PluginRules rules) const {
  rules.without = options.without, rules.retry = options.retry;
  std::vector<PluginFolder> folders{{own_plugin_folder(), std::string(kOwnOrigin), ""}};
  const std::string problem = options.builtin_only ? "left out: only what came with the host was asked for" : "";
  for (const auto& path : options.plugin_folders) folders.push_back({path, "the program's", problem});
  for (const auto& path : more) folders.push_back({path, "plugins.path", problem});
  if (options.environment)
    for (auto& folder : environment_plugin_folders())
      folders.push_back({std::move(folder.path), std::move(folder.origin),
                         folder.problem.empty() ? problem : std::move(folder.problem)});
  return discover(folders, std::move(rules));
}

Host::Host() : Host(Options{}) {}
Host::Host(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Host::~Host() = default;

Catalog Host::catalog(const std::vector<std::string>& folders) const {
  return at_border("", [&] { return impl_->catalog(folders, {}); });
}

Catalog Host::catalog(const Config& config) const {
  return at_border("", [&] {
    config.tree().errors.check();
    return impl_->catalog(config.tree());
  });
}

ResolvedConfig Host::resolve(const Config& config) const {
  return at_border("", [&] {
    const Config complete = impl_->defaults.apply(config);
    ErrorList errors = complete.tree().errors;
    std::optional<Catalog> catalog;
    // where the plugins cannot be read, resolving says so, and all else that is wrong
    if (!can_read_plugins(complete.tree()))
      return calotype::resolve(complete, impl_->catalog({}, {}), impl_->model_search_path());
    if (!errors.run([&] { catalog = impl_->catalog(complete.tree()); })) {
      errors.sort(config.name());
      errors.check();
    }
    return calotype::resolve(complete, *catalog, impl_->model_search_path());
  });
}

void Host::set_scheduler(const std::string& id, const std::map<std::string, Value>& settings) {
  at_border("", [&] { impl_->defaults.set(catalog(), Kind::scheduler, {id, settings}); });
}

void Host::set_sampler(const std::string& id, const std::map<std::string, Value>& settings) {
  at_border("", [&] { impl_->defaults.set(catalog(), Kind::sampler, {id, settings}); });
}

Choice Host::choose(Kind kind, const std::string& name, const std::vector<std::string>& settings) const {
  return at_border("", [&] {
    const Catalog known = catalog();
    known.get(kind, name);
    const std::string section(name_of(kind));
    yaml::Node root;
    apply_override(root, section + "=" + name);
    for (const auto& setting : settings)
      apply_override(root, setting.starts_with(section + ".") ? setting : section + "." + setting, setting);
    return read_choice(known, kind, *root.find(section));
  });
}

namespace {

/// A config that only gives where models are, and what else is among `known`. Throws Error (config) for another key,
/// which would be ignored.
Config config_of(const std::vector<std::string>& settings, std::vector<std::string> known = {}) {
  known.insert(known.end(), {"models_dir", "model_paths"});
  const Config config = Config::from_text("{}", "", settings);
  for (const auto& [key, value] : config.tree().root.members)
    if (std::find(known.begin(), known.end(), key.text) == known.end()) fail_unknown_key(key, "models", known);
  return config;
}

/// The model and its loader, of a config that gives nothing else.
ResolvedConfig model_of(const std::string& name, std::vector<std::string> settings, const Catalog& catalog,
                        const ModelSearchPath& search) {
  settings.push_back("model=" + name);
  const Config config = config_of(settings, {"model"});
  ResolvedConfig found;
  read_model(config.tree(), catalog, config.model_search_path(search), *config.tree().root.find("model"), found);
  return found;
}

}  // namespace

ModelInfo Host::describe(const std::string& model, const std::vector<std::string>& settings) {
  return at_border("", [&] {
    const ResolvedConfig found = model_of(model, settings, catalog(), impl_->model_search_path());
    return impl_->with_engine([&](Engine& engine) { return engine.describe(found); });
  });
}

ModelInfo Host::describe_parts(const std::string& model, const std::vector<std::string>& settings) {
  return at_border("", [&] {
    const ResolvedConfig found = model_of(model, settings, catalog(), impl_->model_search_path());
    try {
      return impl_->with_engine([&](Engine& engine) { return engine.describe(found); });
    } catch (const Error&) {
      auto incomplete = impl_->with_engine([&](Engine& engine) { return engine.describe_incomplete(found); });
      if (!incomplete) incomplete = describe_incomplete_folder(found.model, found.loader.name);
      if (!incomplete) throw;
      return *incomplete;
    }
  });
}

ModelLocation Host::find_model(const std::string& name, const std::vector<std::string>& settings) const {
  return at_border("", [&] {
    const Config config = config_of(settings, {"model"});
    if (name.empty()) throw Error(ErrorCode::no_input, "model: want a path or a name, got \"\"");
    const std::string path = std::filesystem::absolute(with_home(name)).lexically_normal();
    ModelLocation found =
        calotype::find_model(name, path, config.model_search_path(impl_->model_search_path()), ModelMarks(catalog()));
    found.bytes = bytes_of(found.path);
    return found;
  });
}

std::vector<ListedModel> Host::models(const std::vector<std::string>& settings) {
  const auto describe = [&](const std::string& path, const Choice& loader) {
    ResolvedConfig one;
    one.model = path, one.loader = loader;
    return impl_->engine().describe(one);
  };
  return at_border("", [&] {
    const CallLock alone(impl_->under_way);
    const Config config = config_of(settings);
    return list_models(config.model_search_path(impl_->model_search_path()), catalog(), describe);
  });
}

std::vector<double> Host::usual_training_sigmas() const {
  return at_border("", [&] {
    const Catalog known = catalog();
    for (const EntryInfo* loader : known.of(Kind::loader))
      if (loader->usual_noise.timesteps) return scaled_linear_sigmas(loader->usual_noise);
    throw Error(ErrorCode::config, "sigmas: no loader declares the usual training noise of its models; want a model");
  });
}

std::vector<double> Host::sigmas(const Choice& scheduler, int steps, std::span<const double> training_sigmas) {
  const std::vector<double> usual = training_sigmas.empty() ? usual_training_sigmas() : std::vector<double>();
  return at_border("", [&] {
    const auto* implementation =
        static_cast<const calotype_scheduler*>(impl_->libraries.implementation(scheduler.entry));
    return run_scheduler(*implementation, scheduler.entry, scheduler.settings, steps,
                         training_sigmas.empty() ? usual : training_sigmas);
  });
}

Plan Host::plan(const ResolvedConfig& config) {
  return at_border("", [&] { return impl_->with_engine([&](Engine& engine) { return engine.plan(config); }); });
}

void Host::check_memory(const Plan& plan) {
  if (plan.memory.fits || plan.config.memory == MemoryChoice::force) return;
  throw Error(ErrorCode::out_of_memory,
              plan.config.name + ": " + plan.warnings.back() +
                  "; want a smaller width, height or batch, or memory: force, which begins all the same");
}

Result Host::run(const Plan& plan, const RunOptions& options) {
  return at_border("", [&] { return impl_->with_engine([&](Engine& engine) { return engine.run(plan, options); }); });
}

Result Host::run(const ResolvedConfig& config, const RunOptions& options) {
  return at_border("", [&] { return impl_->with_engine([&](Engine& engine) { return engine.run(config, options); }); });
}

void Host::load(const ResolvedConfig& config, const RunOptions& options) {
  at_border("", [&] { impl_->with_engine([&](Engine& engine) { return engine.load(config, options); }); });
}

void Host::unload() {
  at_border("", [&] {
    const CallLock alone(impl_->under_way);
    if (impl_->loaded) impl_->loaded->unload();
  });
}

ResolvedConfig Host::resolve(const GenerateRequest& request) const {
  return at_border("", [&] {
    ResolvedConfig config = resolve(Config::from_request(request));
    // as they are: the config has them as a PNG without transparency
    config.request.image = request.image;
    config.request.mask = request.mask;
    return config;
  });
}

Result Host::generate(const Config& config, const RunOptions& options) {
  return at_border("", [&] {
    RunOptions own = options;
    own.write_files = options.write_files && config.tree().root.find("output");
    return run(resolve(config), own);
  });
}

Result Host::generate(const GenerateRequest& request, const RunOptions& options) {
  return at_border("", [&] {
    RunOptions own = options;
    own.write_files = options.write_files && !request.output.empty();
    return run(resolve(request), own);
  });
}

Result Host::generate(const GenerateRequest& request, std::function<void(const Progress&)> progress) {
  return at_border("", [&] {
    RunOptions options;
    options.progress = std::move(progress);
    return generate(request, options);
  });
}

}  // namespace calotype
