#include "engine/run_attempt.h"

#include <algorithm>
#include <utility>

#include "base/error_boundary.h"
#include "engine/implementation.h"
#include "engine/latents_file.h"
#include "host/image_request.h"
#include "host/output_files.h"
#include "output/a1111_parameters.h"

namespace calotype {
namespace {

/// "output.exists: skip: 2 of 5 images were there already"
std::string skipped_text(const RunTask& task) {
  const size_t all = task.skip.size();
  return "output.exists: skip: " + std::to_string(all - task.wanted()) + " of " + std::to_string(all) +
         " images were there already";
}

double clock_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// The highest memory of the process so far; of the device's it is forgotten.
uint64_t mark_memory(const at::Device& device) {
  reset_peak(device);
  return process_peak();
}

}  // namespace

size_t RunTask::wanted() const {
  return size_t(std::count(skip.begin(), skip.end(), false));
}

Result begun(const RunTask& task, const std::vector<std::string>& fallbacks) {
  const Plan& plan = task.plan;
  Result out{.pictures = {},
             .latents_path = {},
             .device = plan.device,
             .dtype = plan.dtype,
             .sigmas = plan.sigmas,
             .warnings = plan.warnings,
             .fallbacks = fallbacks,
             .statistics = {}};
  out.statistics.process_start_bytes = resident_memory();
  if (task.wanted() < task.skip.size()) out.warnings.push_back(skipped_text(task));
  return out;
}

RunAttempt::RunAttempt(const RunTask& task, const LoadOptions& load, Models models, Libraries& libraries,
                       Result& before)
    : task_(task),
      plan_(task.plan),
      config_(plan_.config),
      load_(load),
      models_(models),
      libraries_(libraries),
      before_(before),
      result_(begun(task, before.fallbacks)),
      mark_(mark_memory(task.placement.device)),
      threads_(granted_threads(threads_for(plan_.model.parameters()))),
      watch_(task.options, result_.statistics, config_.loader.entry),
      writer_([this](GeneratedImage image) { report(std::move(image)); }, config_.exists) {
  watch_.set_between_calls([this] { writer_.poll(); });
}

Result RunAttempt::result() {
  load_models();
  generate_images();
  write_latents();
  take_warnings();
  result_.pictures = std::move(before_.pictures);
  measure();
  return std::move(result_);
}

void RunAttempt::load_models() {
  int& loaded = result_.statistics.models_loaded;
  loaded = !models_.first.has(config_.model, config_.loader, load_);
  watch_.phase(Phase::load, task_.placement.device, [&] {
    model_ = &models_.first.get(config_.model, config_.loader, load_);
    watch_.set_shown_by(*model_);
    if (config_.refiner.empty()) return models_.refiner.clear();
    loaded += !models_.refiner.has(config_.refiner, config_.refiner_loader, load_);
    refiner_ = &models_.refiner.get(config_.refiner, config_.refiner_loader, load_);
  });
}

void RunAttempt::generate_images() {
  sums_.emplace(config_);
  started_ = clock_time();
  try {
    for (int first = 0; first < config_.request.images;) first = generate_group(first);
  } catch (...) {
    writer_.finish();  // what was generated before is reported before
    throw;
  }
}

int RunAttempt::generate_group(int first) {
  if (task_.skip[size_t(first)]) return first + 1;
  started_ = clock_time();
  const Request request = group_from(first);
  const RunPlugins plugins{config_.loader.entry, config_.refiner_loader.entry, config_.pipeline.entry};
  const SolverChoice solver{implementation<calotype_sampler>(libraries_, config_.sampler.entry), config_.sampler.entry,
                            config_.sampler.settings, config_.noise, config_.restart};
  RunState state(
      request, plan_.passes, plan_.model_evaluations, *model_, plugins, solver, watch_,
      [&](int index, Image image, const at::Tensor& latents) { finish(first + index, std::move(image), latents); });
  state.set_position(first, config_.request.images);
  state.set_origin({plan_.dtype, config_.refiner.empty() ? config_.model : config_.model + " and " + config_.refiner});
  if (refiner_) state.set_refiner(*refiner_);
  in_plugin(config_.pipeline.entry, [&] { make_pipeline(libraries_, config_.pipeline.entry)->run(state); });
  state.check_finished();
  return first + request.images;
}

Request RunAttempt::group_from(int first) const {
  Request out = group_request(plan_, first);
  const auto begin = task_.skip.begin() + first;
  out.images = int(std::find(begin, begin + out.images, true) - begin);
  return out;
}

void RunAttempt::finish(int index, Image image, const at::Tensor& latents) {
  if (config_.latents) latents_.push_back(latents);
  if (generated_++ < before_.pictures.size()) return;  // an attempt before this one had it finished
  GeneratedImage done = generated(index, std::move(image));
  if (config_.request.batch == 1) started_ = clock_time();
  writer_.write(std::move(done), generated_ == task_.wanted());
}

GeneratedImage RunAttempt::generated(int index, Image image) {
  // image k is described as a run of it alone would describe it, so its bytes do not depend on `images`
  ResolvedConfig alone = config_;
  alone.request = image_request(plan_, index);
  alone.wildcards.clear();  // their lines are in the prompt now
  if (expands_prompts(config_)) alone.expand_prompts = false;
  GeneratedImage out;
  out.index = index;
  out.seed = alone.request.seed;
  out.image = std::move(image);
  out.parameters = a1111_parameters(alone, out.seed, sums_->get(task_.options.stop));
  out.record = alone.to_json();
  out.fallbacks = before_.fallbacks;
  if (task_.options.write_files) out.path = plan_.outputs[size_t(index)];
  out.started = started_;
  out.statistics = result_.statistics;
  out.statistics.total_seconds = seconds();
  return out;
}

void RunAttempt::report(GeneratedImage image) {
  image.finished = clock_time();
  if (task_.options.finished) at_border("finished callback", [&] { task_.options.finished(image); });
  if (!task_.options.keep_pixels) image.image.rgb = {};
  before_.pictures.push_back(std::move(image));
}

void RunAttempt::write_latents() {
  if (task_.options.write_files && config_.latents)
    result_.latents_path = write_output(plan_.latents, latents_bytes(latents_), config_.exists);
}

void RunAttempt::take_warnings() {
  const auto add = [&](std::vector<std::string> warnings) {
    for (std::string& warning : warnings) result_.warnings.push_back(std::move(warning));
  };
  add(model_->take_warnings());
  if (refiner_) add(refiner_->take_warnings());
  add(sums_->take_warnings());
}

void RunAttempt::measure() {
  Statistics& s = result_.statistics;
  s.total_seconds = seconds();
  // the peak of a process that took more before is not this run's
  if (const uint64_t peak = process_peak(); peak > mark_) s.process_peak_bytes = peak;
  s.device_peak_bytes = device_peak(task_.placement.device);
}

double RunAttempt::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

}  // namespace calotype
