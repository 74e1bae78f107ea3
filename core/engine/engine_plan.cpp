// All that is known of a run before it: its passes, model evaluations, memory and outputs.
#include <algorithm>
#include <cmath>
#include <set>

#include "base/error_list.h"
#include "base/parse_number.h"
#include "engine/chosen_sigmas.h"
#include "engine/implementation.h"
#include "engine/plan_origin.h"
#include "engine/returned.h"
#include "engine/sampler_call.h"
#include "engine/torch_engine.h"
#include "host/image_request.h"
#include "host/output_files.h"
#include "host/prompt_expansion.h"
#include "host/request_images.h"

namespace calotype {
namespace {

void check_model(const Choice& choice, std::span<const double> training_sigmas) {
  const EntryInfo& scheduler = choice.entry;
  if (!scheduler.is_for_flow || training_sigmas.back() <= 1) return;
  const std::string other = scheduler.id.substr(0, scheduler.id.find('@'));
  throw Error(ErrorCode::config,
              at_position(choice.place,
                          "scheduler \"" + scheduler.id +
                              "\" is for flow models, whose noise begins at sigma 1; this model's begins at " +
                              format_rounded(training_sigmas.back()) + "; want another scheduler, such as " + other));
}

void check_passes(const EntryInfo& pipeline, const Passes& passes) {
  const Returned planned(pipeline, "plan");
  if (passes.empty()) planned.fail("a pass over sigmas, or several", "none");
  for (const auto& pass : passes) planned.falling(pass);
}

/// What is odd about a plan that can be followed.
void warn(Plan& plan) {
  const Request& request = plan.config.request;
  const EntryInfo& sampler = plan.config.sampler.entry;
  if (const std::string left_out = check_restart(plan.config.restart, plan.passes, request.steps); !left_out.empty())
    plan.warnings.push_back(left_out);
  if (sampler.guidance_high > 0 && request.guidance_scale > 1.5 * sampler.guidance_high)
    plan.warnings.push_back("guidance_scale: " + format_number(request.guidance_scale) + " is strong for sampler \"" +
                            sampler.id + "\"; want " + format_number(sampler.guidance_low) + " to " +
                            format_number(sampler.guidance_high));
  const double first = plan.sigmas.front(), noisiest = plan.model.training_sigmas.back();
  if (!request.image && first < noisiest / 4)
    plan.warnings.push_back("scheduler \"" + plan.config.scheduler.entry.id + "\" begins at sigma " +
                            format_rounded(first) + " with steps: " + std::to_string(request.steps) +
                            ", and the model at " + format_rounded(noisiest) +
                            ": the image will be flat; take more steps, or another scheduler");
}

DenoiserUse use_of(const ResolvedConfig& config) {
  return {.sigmas = {}, .unconditional = config.sampler.entry.needs_unconditional};
}

/// Adds the model's warnings about the prompts of this request, once.
void warn_of_prompts(Plan& plan, const OpenedByLoader& model, const Request& request) {
  for (auto& warning : model.warnings(request, use_of(plan.config)))
    if (std::find(plan.warnings.begin(), plan.warnings.end(), warning) == plan.warnings.end())
      plan.warnings.push_back(std::move(warning));
}

/// The prompts and files of all images: what is wrong with a prompt is reported before a weight is read.
void plan_images(Plan& plan, const OpenedByLoader& model) {
  const ResolvedConfig& config = plan.config;
  PromptExpander expander(config.wildcards);
  const bool expands = expands_prompts(config);
  std::set<std::string> known;  // prompts
  for (int k = 0; k < config.request.images; ++k) {
    if (expands || k == 0) plan.prompts.push_back(expands ? expander(config, k) : prompts_of(config));
    const Request alone = image_request(plan, k);
    plan.outputs.push_back(output_path(config, config.output, alone, k));
    if (k < 100 && known.insert(alone.prompt + '\0' + alone.negative_prompt.value_or("")).second)
      warn_of_prompts(plan, model, alone);
  }
  if (config.latents) plan.latents = output_path(config, *config.latents, image_request(plan, 0), 0);
}

}  // namespace

int TorchEngine::model_evaluations(const Plan& plan) {
  const auto& sampler = plan.config.sampler;
  int sum = 0;
  try {
    for (const auto& pass : plan.passes)
      for (const PassInterval& interval : pass_intervals(pass, plan.config.restart)) {
        const int calls = count_model_evaluations(*implementation<calotype_sampler>(libraries_, sampler.entry),
                                                  sampler.entry, sampler.settings, interval.sigmas);
        if (calls == 0) return 0;
        sum += calls;
      }
  } catch (const Error& e) {
    if (e.code() != ErrorCode::config) throw;
    throw Error(e.code(), at_position(sampler.place, e.what()));
  }
  return sum;
}

namespace {

Placement placement_of(const ResolvedConfig& config) {
  try {
    return choose_placement(config.device, config.dtype);
  } catch (const Error& e) {
    if (config.name.empty()) throw;
    throw Error(e.code(), config.name + ": " + e.what());
  }
}

void warn_of_gpu_keys(const ResolvedConfig& config, std::vector<std::string>& warnings) {
  if (config.device != "cpu") return;
  for (const auto& [is_used, key] :
       {std::pair(config.request.cuda_graphs == CudaGraphs::on, "cuda_graphs"), {config.allow_tf32, "allow_tf32"}})
    if (is_used) warnings.push_back(std::string(key) + ": does nothing with device: cpu");
}

}  // namespace

Plan TorchEngine::plan(const ResolvedConfig& config) {
  Plan plan;
  plan.config = config;
  const Placement placement = placement_of(config);
  plan.device = name_of(placement.device);
  plan.dtype = name_of(placement.dtype);
  plan.warnings = placement.warnings;
  warn_of_gpu_keys(config, plan.warnings);
  for (const Choice* choice :
       {&config.loader, &config.refiner_loader, &config.pipeline, &config.scheduler, &config.sampler})
    plan.warnings.insert(plan.warnings.end(), choice->warnings.begin(), choice->warnings.end());
  const auto model = translated(at::kCPU, [&] { return models_.open(config.model, config.loader); });
  plan.model = info_of(config, model->description());
  complete_request(plan.config, plan.model.width, plan.model.height);
  const Request& request = plan.config.request;
  plan_images(plan, *model);
  check_model(config.scheduler, plan.model.training_sigmas);
  const ChosenSigmas chosen(*implementation<calotype_scheduler>(libraries_, config.scheduler.entry), plan.config,
                            plan.model.training_sigmas);
  plan.passes = in_plugin(config.pipeline.entry,
                          [&] { return make_pipeline(libraries_, config.pipeline.entry)->plan(request, chosen); });
  check_passes(config.pipeline.entry, plan.passes);
  plan.sigmas = plan.passes.front();
  warn(plan);
  const ModelSigmas levels(plan.model.training_sigmas);
  for (size_t i = 0; i + 1 < plan.sigmas.size(); ++i) {
    const double t = levels.timestep(plan.sigmas[i]);
    plan.timesteps.push_back(request.round_timesteps ? std::nearbyint(t) : t);
  }
  plan.model_evaluations = model_evaluations(plan);
  if (plan.model_evaluations == 0 && request.batch > 1) {
    plan.config.request.batch = 1;
    plan.warnings.push_back("batch: sampler \"" + config.sampler.entry.id +
                            "\" chooses its steps by the image; they are generated one at a time");
  }
  const auto need = [&](const LoadOptions& options) { return memory_need(plan.config, options); };
  const auto state = MemoryState::now(placement.device, {models_.held(), refiners_.held()}, has_run_);
  plan.memory = plan_memory(plan.config, placement, state, need, plan.warnings);
  PlanOrigin origin{identity_, plan.config.to_json(), model->key(), ""};
  if (!config.refiner.empty()) origin.refiner = refiners_.open(config.refiner, config.refiner_loader)->key();
  plan.origin = std::make_shared<const PlanOrigin>(std::move(origin));
  return plan;
}

MemoryNeed TorchEngine::memory_need(const ResolvedConfig& config, const LoadOptions& options) {
  const DenoiserUse use = use_of(config);
  const Request request = in_plugin(
      config.pipeline.entry, [&] { return make_pipeline(libraries_, config.pipeline.entry)->largest(config.request); });
  const MemoryNeed one = models_.open(config.model, config.loader)->memory_need(options, request, use);
  if (config.refiner.empty()) return one;
  const MemoryNeed two =
      refiners_.open(config.refiner, config.refiner_loader)->memory_need(options, config.request, use);
  return {one.weights + two.weights, std::max(one.peak + two.weights, one.weights + two.peak)};
}

}  // namespace calotype
