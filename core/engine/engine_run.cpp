// Draws what was planned, with less memory again where it runs out.
#include <c10/core/InferenceMode.h>
#include <calotype/file_kind.h>
#include <calotype/host/host.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>

#include "base/file.h"
#include "engine/latents_file.h"
#include "engine/run_state.h"
#include "engine/torch_engine.h"
#include "engine/torch_threads.h"
#include "host/image_writer.h"
#include "host/output_files.h"
#include "host/prompt_expansion.h"
#include "models/model_sums.h"
#include "output/a1111_parameters.h"

namespace calotype {
namespace {

/// The sigmas of the first walk and of those that go on where it ends.
std::vector<double> joined(const std::vector<std::vector<double>>& passes) {
  std::vector<double> out = passes.front();
  for (size_t i = 1; i < passes.size() && passes[i].front() == out.back(); ++i)
    out.insert(out.end(), passes[i].begin() + 1, passes[i].end());
  return out;
}

/// "; tried vae_tiling: on, memory: model_offload"
std::string tried(const std::vector<std::string>& steps) {
  std::string out;
  for (const auto& step : steps) out += (out.empty() ? "; tried " : ", ") + step;
  return out;
}

std::set<std::string> folders_of(const Plan& plan) {
  std::set<std::string> out;
  for (const auto& path : plan.outputs) out.insert(path.substr(0, path.rfind('/') + 1) + ".");
  if (!plan.latents.empty()) out.insert(plan.latents.substr(0, plan.latents.rfind('/') + 1) + ".");
  return out;
}

/// Whether an image's file was there before and is to be left alone.
std::vector<bool> skipped(const Plan& plan) {
  std::vector<bool> out(plan.outputs.size(), false);
  for (size_t k = 0; k < out.size() && plan.config.exists == IfExists::skip; ++k) out[k] = is_there(plan.outputs[k]);
  return out;
}

/// "output.exists: 2 of 5 images were there already"
std::string skipped_text(const std::vector<bool>& skip) {
  const auto count = std::count(skip.begin(), skip.end(), true);
  return "output.exists: skip: " + std::to_string(count) + " of " + std::to_string(skip.size()) +
         " images were there already";
}

double clock_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

GeneratedImage generated(const Plan& plan, const Request& drawn, int index, Image image,
                         const std::vector<std::string>& fallbacks, const ShortSums& sums, bool write) {
  // what is said of image k is what a run of it alone would say, so its bytes do not depend on `images`
  ResolvedConfig alone = plan.config;
  alone.request = drawn;
  alone.wildcards.clear();  // their lines are in the prompt now
  GeneratedImage p;
  p.index = index;
  p.seed = alone.request.seed;
  p.image = std::move(image);
  p.parameters = a1111_parameters(alone, p.seed, sums);
  p.record = alone.to_json();
  p.fallbacks = fallbacks;
  if (write) p.path = plan.outputs[size_t(index)];
  return p;
}

}  // namespace

Result TorchEngine::run(const ResolvedConfig& config, const RunOptions& options) {
  mark_use();
  const Plan plan = this->plan(config);
  Host::check_memory(plan);
  if (options.write_files) {
    Plan checked = plan;  // numbers are found when a file is written: others may write there too
    Host::check_outputs({&checked, 1});
    for (const auto& folder : folders_of(plan)) remove_leftovers(folder);
  }
  const Placement placement = place(config.device, config.dtype);
  const c10::InferenceMode inference;
  const Tf32 precision(config.allow_tf32);
  try {
    return draw_in_memory(plan, placement, options);
  } catch (const Error& e) {
    if (e.code() == ErrorCode::out_of_memory) unload();
    throw;
  }
}

Result TorchEngine::draw_in_memory(const Plan& plan, const Placement& placement, const RunOptions& run_options) {
  const std::shared_ptr<void> at_end(nullptr, [](void*) { release_blocks(); });
  const std::vector<bool> skip =
      run_options.write_files ? skipped(plan) : std::vector<bool>(plan.outputs.size(), false);
  LoadOptions load = load_options(plan.memory, placement);
  for (Result before;;) {
    try {
      return translated(placement.device, [&] { return draw(plan, skip, placement, load, run_options, before); });
    } catch (const Error& e) {
      if (e.code() != ErrorCode::out_of_memory) throw;
      unload();
      const std::string step = step_down(load, plan.config);
      if (step.empty()) throw Error(e.code(), std::string(e.what()) + tried(before.fallbacks));
      before.fallbacks.push_back(step);
    }
  }
}

Result TorchEngine::draw(const Plan& plan, const std::vector<bool>& skip, const Placement& placement,
                         const LoadOptions& load, const RunOptions& run_options, Result& before) {
  const auto start = std::chrono::steady_clock::now();
  const ResolvedConfig& config = plan.config;
  PromptExpander prompts(config.wildcards);
  Result result{.images = {},
                .latents_path = {},
                .device = plan.device,
                .dtype = plan.dtype,
                .sigmas = plan.sigmas,
                .warnings = plan.warnings,
                .fallbacks = before.fallbacks,
                .statistics = {}};
  result.statistics.process_start_bytes = resident_memory();
  const auto wanted = size_t(std::count(skip.begin(), skip.end(), false));
  if (wanted < skip.size()) result.warnings.push_back(skipped_text(skip));
  if (!wanted) return result;
  reset_peak(placement.device);
  const uint64_t mark = process_peak();
  const TorchThreads threads(granted_threads(threads_for(plan.model.parameters())));
  RunMonitor watch(run_options, result.statistics, config.loader.entry);
  result.statistics.models_loaded = !models_.has(config.model, config.loader, load);
  Model *model = nullptr, *refiner = nullptr;
  watch.phase(Phase::load, placement.device, [&] {
    model = &models_.get(config.model, config.loader, load);
    watch.set_shown_by(*model);
    if (config.refiner.empty()) return refiners_.clear();
    result.statistics.models_loaded += !refiners_.has(config.refiner, config.refiner_loader, load);
    refiner = &refiners_.get(config.refiner, config.refiner_loader, load);
  });

  ModelSums sums(config);
  ImageWriter writer(
      [&](GeneratedImage p) {
        p.finished = clock_time();
        if (run_options.finished) at_border("finished callback", [&] { run_options.finished(p); });
        if (!run_options.keep_pixels) p.image.rgb = {};
        before.images.push_back(std::move(p));
      },
      config.exists);
  watch.set_between_calls([&] { writer.poll(); });
  size_t drawn = 0;
  double started = clock_time();
  std::vector<at::Tensor> latents;
  const auto finish = [&](int index, Image image, const at::Tensor& final_latents) {
    if (config.latents) latents.push_back(final_latents);
    // an attempt before this one had it finished
    if (drawn++ < before.images.size()) return;
    GeneratedImage done = generated(plan, prompts.image(config.request, index), index, std::move(image),
                                    before.fallbacks, sums.get(run_options.stop), run_options.write_files);
    done.started = started;
    done.statistics = result.statistics;
    done.statistics.total_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (config.request.batch == 1) started = clock_time();
    writer.write(std::move(done), drawn == wanted);
  };
  const SolverChoice solver{implementation<calotype_sampler>(config.sampler.entry), config.sampler.entry,
                            config.sampler.settings, config.noise, config.restart};
  const auto draw = [&](int first) {  // at once only what has the same prompts
    if (skip[size_t(first)]) return first + 1;
    started = clock_time();
    Request request = prompts.images_from(config.request, first);
    request.images =
        int(std::find(skip.begin() + first, skip.begin() + first + request.images, true) - skip.begin()) - first;
    request.sigmas = joined(plan.passes);
    const auto finish_one = [&](int index, Image image, const at::Tensor& final_latents) {
      finish(first + index, std::move(image), final_latents);
    };
    const RunPlugins plugins{config.loader.entry, config.refiner_loader.entry, config.pipeline.entry};
    RunState state(request, plan.passes, plan.model_evaluations, *model, plugins, solver, watch, finish_one);
    state.set_place(first, config.request.images);
    state.set_origin({plan.dtype, config.refiner.empty() ? config.model : config.model + " and " + config.refiner});
    if (refiner) state.set_refiner(*refiner);
    in_plugin(config.pipeline.entry, [&] { pipeline(config)->run(state); });
    state.check_finished();
    return first + request.images;
  };
  try {
    for (int first = 0; first < config.request.images;) first = draw(first);
  } catch (...) {
    writer.finish();  // what was drawn before is told of before
    throw;
  }

  if (run_options.write_files && config.latents) {
    result.latents_path = write_output(plan.latents, latents_bytes(latents), config.exists);
  }
  for (Model* each : {model, refiner})
    if (each)
      for (std::string& warning : each->take_warnings()) result.warnings.push_back(std::move(warning));
  for (std::string& warning : sums.take_warnings()) result.warnings.push_back(std::move(warning));
  has_drawn_ = true;
  result.images = std::move(before.images);
  result.statistics.total_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  // the mark of a process that took more before says nothing of this run
  if (const uint64_t peak = process_peak(); peak > mark) result.statistics.process_peak_bytes = peak;
  result.statistics.device_peak_bytes = device_peak(placement.device);
  return result;
}

void TorchEngine::load(const ResolvedConfig& config, const RunOptions& options) {
  mark_use();
  const Placement placement = place(config.device, config.dtype);
  const c10::InferenceMode inference;
  const Plan plan = this->plan(config);
  const LoadOptions load = load_options(plan.memory, placement);
  const TorchThreads threads(granted_threads(threads_for(plan.model.parameters())));
  translated(placement.device, [&] {
    Statistics statistics;
    RunMonitor(options, statistics, config.loader.entry).phase(Phase::load, placement.device, [&] {
      models_.get(config.model, config.loader, load);
    });
  });
}

void TorchEngine::unload() {
  models_.clear(), refiners_.clear();
  release_blocks();
  malloc_trim(0);
}

}  // namespace calotype
