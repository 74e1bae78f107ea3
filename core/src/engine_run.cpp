// Draws what was planned, with less memory again where it runs out.
#include <c10/core/InferenceMode.h>
#include <malloc.h>

#include <chrono>

#include "a1111_parameters.h"
#include "latents_file.h"
#include "outputs.h"
#include "picture_writer.h"
#include "prompt_expansion.h"
#include "run_state.h"
#include "torch_engine.h"

namespace calotype {
namespace {

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

Picture picture(const Plan& plan, const Request& drawn, int index, Image image, const std::vector<std::string>& fallbacks, bool write) {
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
  if (write) p.path = output_path(plan.config, plan.config.output, drawn, index);
  return p;
}

}  // namespace

Result TorchEngine::run(const ResolvedConfig& config, const RunOptions& options) {
  const Plan plan = this->plan(config);
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
  LoadOptions load = load_options(plan.memory, placement);
  for (Result before;;) {
    try {
      return translated(placement.device, [&] { return draw(plan, placement, load, run_options, before); });
    } catch (const Error& e) {
      if (e.code() != ErrorCode::out_of_memory) throw;
      unload();
      const std::string step = step_down(load, plan.config);
      if (step.empty()) throw Error(e.code(), std::string(e.what()) + tried(before.fallbacks));
      before.fallbacks.push_back(step);
    }
  }
}

Result TorchEngine::draw(const Plan& plan, const Placement& placement, const LoadOptions& load, const RunOptions& run_options, Result& before) {
  const auto start = std::chrono::steady_clock::now();
  const ResolvedConfig& config = plan.config;
  PromptExpander prompts(config.wildcards);
  Result result{.pictures = {}, .latents_path = {}, .device = plan.device, .dtype = plan.dtype, .sigmas = plan.sigmas, .warnings = plan.warnings, .fallbacks = before.fallbacks, .statistics = {}};
  result.statistics.process_start_bytes = resident_memory();
  if (run_options.write_files) Host::check_outputs(plan);
  reset_peaks(placement.device);
  at::set_num_threads(threads_for(plan.model.parameters(), threads_));
  Watch watch(run_options, result.statistics, config.loader.entry);
  result.statistics.models_loaded = !models_.has(config.model, config.loader, load);
  Model *model = nullptr, *refiner = nullptr;
  watch.phase(Phase::load, placement.device, [&] {
    model = &models_.get(config.model, config.loader, load);
    watch.set_shown_by(*model);
    if (config.refiner.empty()) return refiners_.clear();
    result.statistics.models_loaded += !refiners_.has(config.refiner, config.refiner_loader, load);
    refiner = &refiners_.get(config.refiner, config.refiner_loader, load);
  });

  PictureWriter writer([&](Picture p) {
    if (run_options.finished) at_border("finished callback", [&] { run_options.finished(p); });
    if (!run_options.keep_pixels) p.image.rgb = {};
    before.pictures.push_back(std::move(p));
  });
  watch.set_between_calls([&] { writer.poll(); });
  size_t drawn = 0;
  std::vector<at::Tensor> latents;
  const auto finish = [&](int index, Image image, const at::Tensor& final_latents) {
    if (config.latents) latents.push_back(final_latents);
    // an attempt before this one had it finished
    if (drawn++ < before.pictures.size()) return;
    writer.write(picture(plan, prompts.image(config.request, index), index, std::move(image), before.fallbacks, run_options.write_files),
                 drawn == size_t(config.request.images));
  };
  const SolverChoice solver{implementation<calotype_sampler>(config.sampler.entry), config.sampler.entry, config.sampler.settings, config.noise, config.restart};
  const auto draw = [&](int first) {  // at once only what has the same prompts
    Request request = prompts.images_from(config.request, first);
    request.sigmas = joined(plan.walks);
    const auto finish_one = [&](int index, Image image, const at::Tensor& final_latents) { finish(first + index, std::move(image), final_latents); };
    const RunPlugins plugins{config.loader.entry, config.refiner_loader.entry, config.pipeline.entry};
    RunState state(request, plan.walks, plan.model_calls, *model, plugins, solver, watch, finish_one);
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
    result.latents_path = latents_path(config);
    write_latents(result.latents_path, latents);
  }
  for (Model* each : {model, refiner})
    if (each)
      for (std::string& warning : each->take_warnings()) result.warnings.push_back(std::move(warning));
  has_drawn_ = true;
  result.pictures = std::move(before.pictures);
  result.statistics.total_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.statistics.process_peak_bytes = process_peak();
  result.statistics.device_peak_bytes = device_peak(placement.device);
  return result;
}

void TorchEngine::load(const ResolvedConfig& config, const RunOptions& options) {
  const Placement placement = place(config.device, config.dtype);
  const c10::InferenceMode inference;
  const LoadOptions load = load_options(plan(config).memory, placement);
  translated(placement.device, [&] {
    Statistics statistics;
    Watch(options, statistics, config.loader.entry).phase(Phase::load, placement.device, [&] { models_.get(config.model, config.loader, load); });
  });
}

void TorchEngine::unload() {
  models_.clear(), refiners_.clear();
  release_blocks();
  malloc_trim(0);
}

}  // namespace calotype
