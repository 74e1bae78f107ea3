// Runs a plan, and again with less memory where it runs out.
#include <c10/core/InferenceMode.h>
#include <calotype/file_kind.h>
#include <calotype/host/host.h>
#include <malloc.h>

#include <filesystem>
#include <set>

#include "base/file.h"
#include "device/torch_threads.h"
#include "engine/plan_origin.h"
#include "engine/run_attempt.h"
#include "engine/torch_engine.h"

namespace calotype {
namespace {

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
std::vector<bool> skipped(const Plan& plan, const RunOptions& options) {
  std::vector<bool> out(plan.outputs.size(), false);
  if (!options.write_files || plan.config.exists != IfExists::skip) return out;
  for (size_t k = 0; k < out.size(); ++k) out[k] = is_there(plan.outputs[k]);
  return out;
}

void check_unchanged(const std::string& path, const Choice& loader, const std::string& key) {
  if (ModelCache::key_of(path, loader) != key)
    throw Error(ErrorCode::io, path + ": was changed since the run was planned; plan it again");
}

}  // namespace

void TorchEngine::check(const Plan& plan) const {
  const ResolvedConfig& config = plan.config;
  if (!plan.origin || plan.origin->engine != identity_)
    throw Error(ErrorCode::usage, "plan: want one that plan() of this host gave, got another");
  if (plan.origin->record != config.to_json())
    throw Error(ErrorCode::usage,
                "plan: want the config that was planned, got one that was changed since; plan that one");
  check_unchanged(config.model, config.loader, plan.origin->model);
  if (!config.refiner.empty()) check_unchanged(config.refiner, config.refiner_loader, plan.origin->refiner);
}

Result TorchEngine::run(const ResolvedConfig& config, const RunOptions& options) {
  mark_use();
  return run(plan(config), options);
}

Result TorchEngine::run(const Plan& plan, const RunOptions& options) {
  mark_use();
  check(plan);
  Host::check_memory(plan);
  if (options.write_files) {
    Plan checked = plan;  // numbers are found when a file is written: others may write there too
    Host::check_outputs({&checked, 1});
    for (const auto& folder : folders_of(plan)) remove_leftovers(folder);
  }
  const Placement placement = choose_placement(plan.config.device, plan.config.dtype);
  const c10::InferenceMode inference;
  const Tf32 precision(plan.config.allow_tf32);
  try {
    return run_in_memory(plan, placement, options);
  } catch (const Error& e) {
    if (e.code() == ErrorCode::out_of_memory) unload();
    throw;
  }
}

Result TorchEngine::run_in_memory(const Plan& plan, const Placement& placement, const RunOptions& options) {
  const std::shared_ptr<void> at_end(nullptr, [](void*) { release_blocks(); });
  const RunTask task{plan, options, placement, skipped(plan, options)};
  if (!task.wanted()) return begun(task, {});
  LoadOptions load = load_options(plan.memory, placement);
  for (Result before;;) {
    try {
      Result result = translated(
          placement.device, [&] { return RunAttempt(task, load, {models_, refiners_}, libraries_, before).result(); });
      has_run_ = true;
      return result;
    } catch (const Error& e) {
      if (e.code() != ErrorCode::out_of_memory) throw;
      unload();
      const std::string step = step_down(load, plan.config);
      if (step.empty()) throw Error(e.code(), std::string(e.what()) + tried(before.fallbacks));
      before.fallbacks.push_back(step);
    }
  }
}

void TorchEngine::load(const ResolvedConfig& config, const RunOptions& options) {
  mark_use();
  const Placement placement = choose_placement(config.device, config.dtype);
  const c10::InferenceMode inference;
  const Plan plan = this->plan(config);
  const LoadOptions load = load_options(plan.memory, placement);
  const TorchThreads threads(granted_threads(threads_for(plan.model.parameters())));
  translated(placement.device, [&] {
    Statistics statistics;
    ProgressMonitor(options, statistics, config.loader.entry).phase(Phase::load, placement.device, [&] {
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
