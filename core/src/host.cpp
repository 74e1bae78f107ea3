#include <calotype/host/encode.h>
#include <calotype/host/host.h>

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>
#include <malloc.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "a1111_parameters.h"
#include "border.h"
#include "choose.h"
#include "config_tree.h"
#include "discovery.h"
#include "entry_defaults.h"
#include "file.h"
#include "latents_file.h"
#include "memory_plan.h"
#include "model_cache.h"
#include "model_choice.h"
#include "model_contents.h"
#include "model_files.h"
#include "model_list.h"
#include "model_places.h"
#include "output_path.h"
#include "picture_inputs.h"
#include "png.h"
#include "prompt_expansion.h"
#include "run_state.h"
#include "schedule.h"

namespace calotype {
namespace {

/// Turns what libtorch throws into an Error: out of memory with what is free, the rest without its C++ backtrace.
template <class Body>
auto translated(const at::Device& device, Body&& body) {
  try {
    return body();
  } catch (const c10::OutOfMemoryError& e) {
    release_cache(device);
    const auto [free, all] = device_memory(device);
    const auto mib = [](uint64_t b) { return std::to_string(b >> 20) + " MiB"; };
    throw Error(ErrorCode::out_of_memory, "out of memory on " + name_of(device) + ": " + mib(free) + " of " + mib(all) +
                                              " are free now; a smaller width and height, images: 1 or dtype: float16 needs less");
  } catch (const c10::Error& e) {
    const std::string text = e.what_without_backtrace();
    if (text.find("not enough memory") != std::string::npos)
      throw Error(ErrorCode::out_of_memory, "out of memory: " + text.substr(0, text.find('\n')) + "; a smaller width and height needs less");
    rethrow_as_error("");
  } catch (...) {
    rethrow_as_error("");
  }
}

ModelInfo info_of(const std::string& path, const Choice& loader, const ModelDescription& d) {
  ModelInfo info{path, loader.entry.id, d.family, d.layout, d.prediction, d.width, d.height, d.noise_levels, {}, bytes_of(path), {}, d.usage};
  for (const auto& c : d.components) info.parts.push_back({c.name, c.dtype, c.parameters, c.bytes});
  return info;
}

/// `alone`: the picture as a run of its own.
std::string output_path(const ResolvedConfig& c, const std::string& path_template, const Request& alone, int index) {
  const std::string date = today();
  return render_output_path(path_template, {alone.seed, index, alone.prompt, c.scheduler.entry.id, c.sampler.entry.id, date});
}

/// The noise levels of the first walk and of those that go on where it ends.
std::vector<double> joined(const std::vector<std::vector<double>>& walks) {
  std::vector<double> out = walks.front();
  for (size_t i = 1; i < walks.size() && walks[i].front() == out.back(); ++i) out.insert(out.end(), walks[i].begin() + 1, walks[i].end());
  return out;
}

/// "; tried vae_tiling: on, memory: model_offload"
std::string tried(const std::vector<std::string>& steps) {
  std::string out;
  for (const auto& step : steps) out += (out.empty() ? "; tried " : ", ") + step;
  return out;
}

std::string latents_path(const ResolvedConfig& c) { return output_path(c, *c.latents, PromptExpander(c.wildcards).image(c.request, 0), 0); }

/// Fails now rather than after minutes of drawing. Creates nothing: the folder, or the nearest above it that is there, must
/// be one that this user may write to.
void check_writable(const std::string& path) {
  auto folder = std::filesystem::absolute(path).parent_path();
  std::error_code none;
  while (!std::filesystem::exists(folder, none) && folder.has_relative_path()) folder = folder.parent_path();
  const auto fail = [&](const std::string& why) { throw Error(ErrorCode::cannot_create, path + ": cannot be written: " + folder.string() + " " + why); };
  if (!std::filesystem::is_directory(folder, none)) fail("is not a folder");
  if (access(folder.c_str(), W_OK | X_OK) != 0) fail("may not be written to");
}

}  // namespace

void Host::check_outputs(const Plan& plan) {
  for (const auto& path : plan.outputs) check_writable(path);
  if (plan.config.latents) check_writable(latents_path(plan.config));
}

int64_t ModelInfo::parameters() const {
  return std::accumulate(parts.begin(), parts.end(), int64_t{0}, [](int64_t n, const ModelPart& p) { return n + p.parameters; });
}
uint64_t ModelInfo::bytes() const {
  return std::accumulate(parts.begin(), parts.end(), uint64_t{0}, [](uint64_t n, const ModelPart& p) { return n + p.bytes; });
}

struct Host::Impl {
  Options options;
  EntryDefaults defaults;
  const int threads = at::get_num_threads();
  Libraries libraries;
  ModelCache models{libraries};
  bool has_drawn = false;
  ModelCache refiners{libraries};  // the second model of a run that has one

  std::vector<std::string> folders(const std::vector<std::string>& more) const {
    std::vector<std::string> out{own_plugin_folder()};
    out.insert(out.end(), options.plugin_folders.begin(), options.plugin_folders.end());
    out.insert(out.end(), more.begin(), more.end());
    if (options.environment)
      for (auto& f : environment_plugin_folders()) out.push_back(std::move(f));
    return out;
  }
  template <class T>
  const T* implementation(const EntryInfo& entry) {
    return static_cast<const T*>(libraries.implementation(entry));
  }
  std::unique_ptr<Pipeline> pipeline(const ResolvedConfig& config) {
    const auto* factory = implementation<PipelineFactory* const>(config.pipeline.entry);
    return std::unique_ptr<Pipeline>((*factory)());
  }
  ModelPlaces model_places() const { return options.model_places ? *options.model_places : ModelPlaces::from_environment(); }
  ModelInfo describe(const ResolvedConfig& config) {
    return translated(at::kCPU, [&] { return info_of(config.model, config.loader, models.describe(config.model, config.loader)); });
  }
  Plan plan(const ResolvedConfig& config);
  /// What the model, and a second one, will take.
  MemoryNeed memory_need(const ResolvedConfig& config, const LoadOptions& options);
  /// `before`: what an attempt before this one came to.
  Result run(const Plan& plan, const Placement& placement, const LoadOptions& load, const RunOptions& options, Result& before);
  /// The same, and with less memory again while it runs out and there is a way.
  Result run_in_memory(const Plan& plan, const Placement& placement, const RunOptions& options);
  void unload() {
    models.clear(), refiners.clear();
    malloc_trim(0);
  }
  Picture picture(const Plan& plan, const Request& drawn, int index, Image image, const std::vector<std::string>& fallbacks, bool write);
};

Host::Host() : Host(Options{}) {}
Host::Host(Options options) : impl_(std::make_unique<Impl>()) { impl_->options = std::move(options); }
Host::~Host() = default;

Catalog Host::catalog(const std::vector<std::string>& folders) const {
  return at_border("", [&] { return discover(impl_->folders(folders)); });
}

ResolvedConfig Host::resolve(const Config& config) const {
  return at_border("", [&] { return calotype::resolve(impl_->defaults.apply(config), catalog(config.plugin_paths()), impl_->model_places()); });
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
    std::vector<std::string> overrides{section + "=" + name};
    for (const auto& setting : settings) overrides.push_back(section + "." + setting);
    const Config config = Config::from_text("{}", section, overrides);
    return read_choice(known, kind, *config.tree().root.find(section));
  });
}

namespace {

/// The model and its loader, of a config that says nothing else.
ResolvedConfig model_of(const std::string& name, std::vector<std::string> settings, const Catalog& catalog, const ModelPlaces& places) {
  settings.push_back("model=" + name);
  const Config config = Config::from_text("{}", "", settings);
  ResolvedConfig found;
  read_model(config.tree(), catalog, config.model_places(places), *config.tree().root.find("model"), found);
  return found;
}

}  // namespace

ModelInfo Host::describe(const std::string& model, const std::vector<std::string>& settings) {
  return at_border("", [&] { return impl_->describe(model_of(model, settings, catalog(), impl_->model_places())); });
}

ModelInfo Host::describe_parts(const std::string& model, const std::vector<std::string>& settings) {
  return at_border("", [&] {
    const ResolvedConfig found = model_of(model, settings, catalog(), impl_->model_places());
    try {
      return impl_->describe(found);
    } catch (const Error&) {
      auto parts = describe_incomplete(found.model, found.loader.name);
      if (!parts) throw;
      return *parts;
    }
  });
}

ModelLocation Host::find_model(const std::string& name, const std::vector<std::string>& settings) const {
  return at_border("", [&] {
    const Config config = Config::from_text("{}", "", settings);
    const std::string path = std::filesystem::absolute(with_home(name)).lexically_normal();
    return calotype::find_model(name, path, config.model_places(impl_->model_places()), ModelMarks(catalog()));
  });
}

std::vector<ListedModel> Host::models(const std::vector<std::string>& settings) {
  const auto describe = [&](const std::string& path, const Choice& loader) {
    ResolvedConfig one;
    one.model = path, one.loader = loader;
    return impl_->describe(one);
  };
  return at_border("", [&] {
    const Config config = Config::from_text("{}", "", settings);
    return list_models(config.model_places(impl_->model_places()), catalog(), describe);
  });
}

std::vector<double> Host::sigmas(const Choice& scheduler, int steps) {
  return at_border("", [&] {
    return run_scheduler(*impl_->implementation<calotype_scheduler>(scheduler.entry), scheduler.entry, scheduler.settings, steps, sdxl_noise_levels());
  });
}

Plan Host::plan(const ResolvedConfig& config) {
  return at_border("", [&] { return impl_->plan(config); });
}

Plan Host::Impl::plan(const ResolvedConfig& config) {
  Plan plan;
  plan.config = config;
  const Placement placement = place(config.device, config.dtype);
  plan.device = name_of(placement.device);
  plan.dtype = name_of(placement.dtype);
  plan.warnings = placement.warnings;
  plan.model = describe(config);
  complete_request(plan.config, plan.model.width, plan.model.height);
  const Request& request = plan.config.request;
  PromptExpander prompts(config.wildcards);
  for (int k = 0; k < request.images; ++k) {  // all of them: what is wrong with a prompt is said before a weight is read
    const Request alone = prompts.image(request, k);
    if (k < 100) plan.outputs.push_back(output_path(plan.config, config.output, alone, k));
  }

  const ChosenLevels chosen(*implementation<calotype_scheduler>(config.scheduler.entry), config.scheduler, plan.model.noise_levels);
  plan.walks = in_plugin(config.pipeline.entry, [&] { return pipeline(config)->plan(request, chosen); });
  plan.sigmas = plan.walks.front();
  const NoiseLevels levels(plan.model.noise_levels);
  for (size_t i = 0; i + 1 < plan.sigmas.size(); ++i) {
    const double t = levels.timestep(plan.sigmas[i]);
    plan.timesteps.push_back(request.round_timesteps ? std::nearbyint(t) : t);
  }
  const auto& sampler = config.sampler;
  for (const auto& walk : plan.walks) {
    const int calls = count_model_calls(*implementation<calotype_sampler>(sampler.entry), sampler.entry, sampler.settings, walk);
    plan.model_calls = calls == 0 || plan.model_calls < 0 ? -1 : plan.model_calls + calls;
  }
  plan.model_calls = std::max(plan.model_calls, 0);
  const auto need = [&](const LoadOptions& options) { return memory_need(plan.config, options); };
  const auto state = MemoryState::now(placement.device, models.held() + refiners.held(), has_drawn);
  plan.memory = plan_memory(plan.config, placement, state, need, plan.warnings);
  return plan;
}

Result Host::run(const ResolvedConfig& config, const RunOptions& options) {
  const Plan plan = this->plan(config);
  const Placement placement = at_border("", [&] { return place(config.device, config.dtype); });
  const c10::InferenceMode inference;
  try {
    return impl_->run_in_memory(plan, placement, options);
  } catch (const Error& e) {
    if (e.code() == ErrorCode::out_of_memory) unload();
    throw;
  }
}

MemoryNeed Host::Impl::memory_need(const ResolvedConfig& config, const LoadOptions& options) {
  Request request = config.request;  // as large as it is ever drawn
  if (request.hires_scale > 0) request.width = int(request.width * request.hires_scale), request.height = int(request.height * request.hires_scale);
  const MemoryNeed one = models.memory_need(config.model, config.loader, options, request);
  if (config.refiner.empty()) return one;
  const MemoryNeed two = refiners.memory_need(config.refiner, config.refiner_loader, options, config.request);
  return {one.weights + two.weights, std::max(one.peak + two.weights, one.weights + two.peak)};
}

Result Host::Impl::run_in_memory(const Plan& plan, const Placement& placement, const RunOptions& run_options) {
  LoadOptions load = load_options(plan.memory, placement);
  for (Result before;;) {
    try {
      return translated(placement.device, [&] { return run(plan, placement, load, run_options, before); });
    } catch (const Error& e) {
      if (e.code() != ErrorCode::out_of_memory) throw;
      unload();
      const std::string step = step_down(load, plan.config);
      if (step.empty()) throw Error(e.code(), std::string(e.what()) + tried(before.fallbacks));
      before.fallbacks.push_back(step);
    }
  }
}

Result Host::Impl::run(const Plan& plan, const Placement& placement, const LoadOptions& load, const RunOptions& run_options, Result& before) {
  const auto start = std::chrono::steady_clock::now();
  const ResolvedConfig& config = plan.config;
  PromptExpander prompts(config.wildcards);
  Result result{.pictures = {}, .latents_path = {}, .device = plan.device, .dtype = plan.dtype, .sigmas = plan.sigmas, .warnings = plan.warnings, .fallbacks = before.fallbacks, .statistics = {}};
  result.statistics.process_start_bytes = resident_memory();
  if (run_options.write_files) check_outputs(plan);
  reset_peaks(placement.device);
  at::set_num_threads(threads_for(plan.model.parameters(), threads));
  Watch watch(run_options, result.statistics, config.loader.entry);
  result.statistics.models_loaded = !models.has(config.model, config.loader, load);
  Model *model = nullptr, *refiner = nullptr;
  watch.phase(Phase::load, placement.device, [&] {
    model = &models.get(config.model, config.loader, load);
    if (config.refiner.empty()) return refiners.clear();
    result.statistics.models_loaded += !refiners.has(config.refiner, config.refiner_loader, load);
    refiner = &refiners.get(config.refiner, config.refiner_loader, load);
  });

  size_t drawn = 0;
  std::vector<at::Tensor> latents;
  const auto finish = [&](int index, Image image, const at::Tensor& final_latents) {
    if (config.latents) latents.push_back(final_latents);
    // an attempt before this one had it finished
    if (drawn++ < before.pictures.size()) return;
    Picture p = picture(plan, prompts.image(config.request, index), index, std::move(image), before.fallbacks, run_options.write_files);
    if (run_options.finished) at_border("finished callback", [&] { run_options.finished(p); });
    if (!run_options.keep_pixels) p.image.rgb = {};
    before.pictures.push_back(std::move(p));
  };
  const SolverChoice solver{implementation<calotype_sampler>(config.sampler.entry), config.sampler.entry, config.sampler.settings};
  for (int first = 0; first < config.request.images;) {  // at once only what has the same prompts
    Request request = prompts.images_from(config.request, first);
    request.sigmas = joined(plan.walks);
    const auto finish_one = [&](int index, Image image, const at::Tensor& final_latents) { finish(first + index, std::move(image), final_latents); };
    RunState state(request, plan.walks, plan.model_calls, *model, solver, watch, finish_one);
    state.set_place(first, config.request.images);
    if (refiner) state.set_refiner(*refiner);
    in_plugin(config.pipeline.entry, [&] { pipeline(config)->run(state); });
    first += request.images;
  }

  if (run_options.write_files && config.latents) {
    result.latents_path = latents_path(config);
    write_latents(result.latents_path, latents);
  }
  has_drawn = true;
  result.pictures = std::move(before.pictures);
  result.statistics.total_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.statistics.process_peak_bytes = process_peak();
  result.statistics.device_peak_bytes = device_peak(placement.device);
  return result;
}

Picture Host::Impl::picture(const Plan& plan, const Request& drawn, int index, Image image, const std::vector<std::string>& fallbacks, bool write) {
  // what is said of image k is what a run of it alone would say, so its bytes do not depend on `images`
  ResolvedConfig alone = plan.config;
  alone.request = drawn;
  alone.wildcards.clear();  // their lines are in the prompt now
  Picture p;
  p.index = index;
  p.seed = alone.request.seed;
  p.image = std::move(image);
  p.parameters = a1111_parameters(alone, p.seed);
  p.record = alone.to_json();
  p.fallbacks = fallbacks;
  if (write) {
    p.path = output_path(plan.config, plan.config.output, drawn, index);
    write_file(p.path, to_png(p));
  }
  return p;
}

void Host::load(const ResolvedConfig& config, const RunOptions& options) {
  const Placement placement = at_border("", [&] { return place(config.device, config.dtype); });
  const c10::InferenceMode inference;
  const LoadOptions load = load_options(plan(config).memory, placement);
  translated(placement.device, [&] {
    Statistics statistics;
    Watch(options, statistics, config.loader.entry).phase(Phase::load, placement.device, [&] { impl_->models.get(config.model, config.loader, load); });
  });
}

void Host::unload() {
  at_border("", [&] { impl_->unload(); });
}

}  // namespace calotype
