#include <calotype/host/host.h>

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "a1111_parameters.h"
#include "choose.h"
#include "config_tree.h"
#include "discovery.h"
#include "file.h"
#include "latents_file.h"
#include "model_cache.h"
#include "model_choice.h"
#include "output_path.h"
#include "png.h"
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
    throw Error(ErrorCode::internal, "libtorch: " + text.substr(0, text.find('\n')));
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::out_of_memory, "out of memory; a smaller width and height needs less");
  }
}

ModelInfo info_of(const std::string& path, const Choice& loader, const ModelDescription& d) {
  ModelInfo info{path, loader.entry.id, d.family, d.layout, d.prediction, d.width, d.height, d.noise_levels, {}};
  for (const auto& c : d.components) info.parts.push_back({c.name, c.dtype, c.parameters, c.bytes});
  return info;
}

std::string output_path(const ResolvedConfig& c, const std::string& path_template, int index) {
  const std::string date = today();
  return render_output_path(path_template, {c.request.seed + uint64_t(index), index, c.request.prompt, c.scheduler.entry.id, c.sampler.entry.id, date});
}

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
  if (plan.config.latents) check_writable(output_path(plan.config, *plan.config.latents, 0));
}

int64_t ModelInfo::parameters() const {
  return std::accumulate(parts.begin(), parts.end(), int64_t{0}, [](int64_t n, const ModelPart& p) { return n + p.parameters; });
}
uint64_t ModelInfo::bytes() const {
  return std::accumulate(parts.begin(), parts.end(), uint64_t{0}, [](uint64_t n, const ModelPart& p) { return n + p.bytes; });
}

struct Host::Impl {
  Options options;
  const int threads = at::get_num_threads();
  Libraries libraries;
  ModelCache models{libraries};

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
  ModelInfo describe(const ResolvedConfig& config) {
    return translated(at::kCPU, [&] { return info_of(config.model, config.loader, models.describe(config.model, config.loader)); });
  }
  Result run(const Plan& plan, const Placement& placement, const RunOptions& options);
  Picture picture(const Plan& plan, int index, Image image, bool write);
};

Host::Host() : Host(Options{}) {}
Host::Host(Options options) : impl_(std::make_unique<Impl>()) { impl_->options = std::move(options); }
Host::~Host() = default;

Catalog Host::catalog(const std::vector<std::string>& folders) const { return discover(impl_->folders(folders)); }

ResolvedConfig Host::resolve(const Config& config) const { return calotype::resolve(config, catalog(config.plugin_paths())); }

Choice Host::choose(Kind kind, const std::string& name, const std::vector<std::string>& settings) const {
  const Catalog known = catalog();
  known.get(kind, name);
  const std::string section(name_of(kind));
  std::vector<std::string> overrides{section + "=" + name};
  for (const auto& setting : settings) overrides.push_back(section + "." + setting);
  const Config config = Config::from_text("{}", section, overrides);
  return read_choice(known, kind, *config.tree().root.find(section));
}

ModelInfo Host::describe(const std::string& path) {
  const Config config = Config::from_text("{}", "", {"model=" + path});
  ResolvedConfig found;
  read_model(config.tree(), catalog(), *config.tree().root.find("model"), found);
  return impl_->describe(found);
}

std::vector<double> Host::sigmas(const Choice& scheduler, int steps) {
  return run_scheduler(*impl_->implementation<calotype_scheduler>(scheduler.entry), scheduler.entry, scheduler.settings, steps, sdxl_noise_levels());
}

Plan Host::plan(const ResolvedConfig& config) {
  Plan plan;
  plan.config = config;
  const Placement placement = place(config.device, config.dtype);
  plan.device = name_of(placement.device);
  plan.dtype = name_of(placement.dtype);
  plan.warnings = placement.warnings;
  plan.model = impl_->describe(config);
  Request& request = plan.config.request;
  if (!request.width) request.width = plan.model.width;
  if (!request.height) request.height = plan.model.height;

  const auto& scheduler = config.scheduler;
  plan.sigmas = run_scheduler(*impl_->implementation<calotype_scheduler>(scheduler.entry), scheduler.entry, scheduler.settings, request.steps,
                              plan.model.noise_levels);
  const NoiseLevels levels(plan.model.noise_levels);
  for (size_t i = 0; i + 1 < plan.sigmas.size(); ++i) {
    const double t = levels.timestep(plan.sigmas[i]);
    plan.timesteps.push_back(request.round_timesteps ? std::nearbyint(t) : t);
  }
  const auto& sampler = config.sampler;
  plan.model_calls = count_model_calls(*impl_->implementation<calotype_sampler>(sampler.entry), sampler.entry, sampler.settings, plan.sigmas);
  for (int k = 0; k < std::min(request.images, 100); ++k) plan.outputs.push_back(output_path(plan.config, plan.config.output, k));
  return plan;
}

Result Host::run(const ResolvedConfig& config, const RunOptions& options) {
  const Plan plan = this->plan(config);
  const Placement placement = place(config.device, config.dtype);
  const c10::InferenceMode inference;
  try {
    return translated(placement.device, [&] { return impl_->run(plan, placement, options); });
  } catch (const Error& e) {
    if (e.code() == ErrorCode::out_of_memory) impl_->models.clear();
    throw;
  }
}

Result Host::Impl::run(const Plan& plan, const Placement& placement, const RunOptions& run_options) {
  const auto start = std::chrono::steady_clock::now();
  const ResolvedConfig& config = plan.config;
  if (run_options.write_files) check_outputs(plan);
  Result result{.pictures = {}, .latents_path = {}, .device = plan.device, .dtype = plan.dtype, .sigmas = plan.sigmas, .warnings = plan.warnings, .statistics = {}};
  reset_peaks(placement.device);
  at::set_num_threads(threads_for(plan.model.parameters(), threads));
  Watch watch(run_options, result.statistics);
  result.statistics.models_loaded = !models.has(config.model, config.loader, placement);
  Model* model = nullptr;
  watch.phase(Phase::load, placement.device, [&] { model = &models.get(config.model, config.loader, placement); });

  std::vector<at::Tensor> latents;
  const auto finish = [&](int index, Image image, const at::Tensor& final_latents) {
    Picture p = picture(plan, index, std::move(image), run_options.write_files);
    if (config.latents) latents.push_back(final_latents);
    if (run_options.finished) run_options.finished(p);
    if (!run_options.keep_pixels) p.image.rgb = {};
    result.pictures.push_back(std::move(p));
  };
  const SolverChoice solver{implementation<calotype_sampler>(config.sampler.entry), config.sampler.entry, config.sampler.settings};
  RunState state(config.request, plan.sigmas, plan.model_calls, *model, solver, watch, finish);
  const auto* factory = implementation<PipelineFactory* const>(config.pipeline.entry);
  std::unique_ptr<Pipeline>((*factory)())->run(state);

  if (run_options.write_files && config.latents) {
    result.latents_path = output_path(config, *config.latents, 0);
    write_latents(result.latents_path, latents);
  }
  result.statistics.total_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.statistics.process_peak_bytes = process_peak();
  result.statistics.device_peak_bytes = device_peak(placement.device);
  return result;
}

Picture Host::Impl::picture(const Plan& plan, int index, Image image, bool write) {
  // what is said of image k is what a run of it alone would say, so its bytes do not depend on `images`
  ResolvedConfig alone = plan.config;
  alone.request.seed += uint64_t(index);
  alone.request.images = 1;
  Picture p;
  p.index = index;
  p.seed = alone.request.seed;
  p.image = std::move(image);
  p.parameters = a1111_parameters(alone, p.seed);
  p.record = alone.to_json();
  if (write) {
    p.path = output_path(plan.config, plan.config.output, index);
    write_file(p.path, encode_png(p.image, {{"parameters", p.parameters}, {"calotype", p.record}}));
  }
  return p;
}

void Host::unload() { impl_->models.clear(); }

}  // namespace calotype
