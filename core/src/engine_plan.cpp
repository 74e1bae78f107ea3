// All that can be said of a run before it: what it will walk, call, take and write.
#include <algorithm>
#include <cmath>

#include "chosen_levels.h"
#include "outputs.h"
#include "picture_inputs.h"
#include "prompt_expansion.h"
#include "sampling.h"
#include "torch_engine.h"

namespace calotype {
Plan TorchEngine::plan(const ResolvedConfig& config) {
  Plan plan;
  plan.config = config;
  const Placement placement = place(config.device, config.dtype);
  plan.device = name_of(placement.device);
  plan.dtype = name_of(placement.dtype);
  plan.warnings = placement.warnings;
  for (const Choice* choice : {&config.loader, &config.refiner_loader, &config.pipeline, &config.scheduler, &config.sampler})
    plan.warnings.insert(plan.warnings.end(), choice->warnings.begin(), choice->warnings.end());
  plan.model = describe(config);
  for (const auto& warning : models_.warnings(config.model, config.loader, config.request)) plan.warnings.push_back(warning);
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
  const auto state = MemoryState::now(placement.device, {models_.held(), refiners_.held()}, has_drawn_);
  plan.memory = plan_memory(plan.config, placement, state, need, plan.warnings);
  return plan;
}

MemoryNeed TorchEngine::memory_need(const ResolvedConfig& config, const LoadOptions& options) {
  Request request = config.request;  // as large as it is ever drawn
  if (request.hires_scale > 0) request.width = int(request.width * request.hires_scale), request.height = int(request.height * request.hires_scale);
  const MemoryNeed one = models_.memory_need(config.model, config.loader, options, request);
  if (config.refiner.empty()) return one;
  const MemoryNeed two = refiners_.memory_need(config.refiner, config.refiner_loader, options, config.request);
  return {one.weights + two.weights, std::max(one.peak + two.weights, one.weights + two.peak)};
}

}  // namespace calotype
