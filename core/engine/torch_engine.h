#pragma once
#include <c10/util/Exception.h>

#include <memory>
#include <string>
#include <vector>

#include "base/error_boundary.h"
#include "device/cpu_block_allocator.h"
#include "device/device.h"
#include "engine/memory_plan.h"
#include "engine/model_cache.h"
#include "engine/torch_errors.h"
#include "host/engine.h"
#include "loading/library.h"

namespace calotype {

/// Turns what libtorch throws into an Error: out of memory with what is free, the rest without its C++ backtrace.
template <class Body>
auto translated(const at::Device& device, Body&& body) {
  try {
    return body();
  } catch (const c10::OutOfMemoryError& e) {
    release_cache(device);
    const auto [free, all] = device_memory(device);
    const auto mib = [](uint64_t b) { return std::to_string(b >> 20) + " MiB"; };
    throw Error(ErrorCode::out_of_memory,
                "out of memory on " + name_of(device) + ": " + mib(free) + " of " + mib(all) +
                    " are free now; a smaller width, height or batch, or dtype: float16, needs less");
  } catch (const Error&) {
    throw;
  } catch (const std::exception& e) {
    if (!is_out_of_memory(e)) rethrow_as_error("");
    const auto* torch = dynamic_cast<const c10::Error*>(&e);
    const std::string text = torch ? torch->what_without_backtrace() : e.what();
    throw Error(ErrorCode::out_of_memory,
                "out of memory: " + text.substr(0, text.find('\n')) + "; a smaller width and height needs less");
  } catch (...) {
    rethrow_as_error("");
  }
}

class TorchEngine final : public Engine {
 public:
  explicit TorchEngine(Libraries& libraries);
  ModelInfo describe(const ResolvedConfig& config) override;
  std::optional<ModelInfo> describe_incomplete(const ResolvedConfig& config) override;
  Plan plan(const ResolvedConfig& config) override;
  Result run(const Plan& plan, const RunOptions& options) override;
  Result run(const ResolvedConfig& config, const RunOptions& options) override;
  void load(const ResolvedConfig& config, const RunOptions& options) override;
  void unload() override;

 private:
  static ModelInfo info_of(const ResolvedConfig& config, const ModelDescription& description);
  /// Of an image; 0 where that depends on the image.
  int model_evaluations(const Plan& plan);
  /// What the model, and a second one, will take.
  MemoryNeed memory_need(const ResolvedConfig& config, const LoadOptions& options);
  /// Throws Error (usage) in a process that was forked from one that has run a plan; from here on this one has.
  static void mark_use();
  /// Throws Error where this engine has not made the plan, or where it is no longer true.
  void check(const Plan& plan) const;
  /// One attempt after the other while memory runs out and there is a way to need less.
  Result run_in_memory(const Plan& plan, const Placement& placement, const RunOptions& options);

  Libraries& libraries_;
  ModelCache models_{libraries_};
  ModelCache refiners_{libraries_};  // the second model of a run that has one
  const std::shared_ptr<const void> identity_ = std::make_shared<char>();
  bool has_run_ = false;
};

}  // namespace calotype
