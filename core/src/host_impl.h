#pragma once
#include <ATen/Parallel.h>
#include <c10/util/Exception.h>
#include <calotype/host/host.h>
#include <calotype/pipeline.h>
#include <malloc.h>

#include <memory>
#include <string>
#include <vector>

#include "block_memory.h"
#include "border.h"
#include "device.h"
#include "entry_defaults.h"
#include "library.h"
#include "memory_plan.h"
#include "model_cache.h"
#include "plugin_rules.h"

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
    throw Error(ErrorCode::out_of_memory, "out of memory on " + name_of(device) + ": " + mib(free) + " of " + mib(all) +
                                              " are free now; a smaller width, height or batch, or dtype: float16, needs less");
  } catch (const Error&) {
    throw;
  } catch (const std::exception& e) {
    if (!is_out_of_memory(e)) rethrow_as_error("");
    const auto* torch = dynamic_cast<const c10::Error*>(&e);
    const std::string text = torch ? torch->what_without_backtrace() : e.what();
    throw Error(ErrorCode::out_of_memory, "out of memory: " + text.substr(0, text.find('\n')) + "; a smaller width and height needs less");
  } catch (...) {
    rethrow_as_error("");
  }
}

/// The path of a picture. `alone`: the picture as a run of its own.
std::string output_path(const ResolvedConfig& config, const std::string& path_template, const Request& alone, int index);
/// The path of the file with all latents.
std::string latents_path(const ResolvedConfig& config);

struct Host::Impl {
  Options options;
  EntryDefaults defaults;
  const int threads = at::get_num_threads();
  Libraries libraries;
  ModelCache models{libraries};
  bool has_drawn = false;
  ModelCache refiners{libraries};  // the second model of a run that has one

  /// What the plugins offer that keep to the rules; `more`: a config's folders.
  Catalog catalog(const std::vector<std::string>& more, PluginRules rules) const;
  template <class T>
  const T* implementation(const EntryInfo& entry) {
    return static_cast<const T*>(libraries.implementation(entry));
  }
  std::unique_ptr<Pipeline> pipeline(const ResolvedConfig& config) {
    const auto* factory = implementation<PipelineFactory* const>(config.pipeline.entry);
    return std::unique_ptr<Pipeline>((*factory)());
  }
  ModelPlaces model_places() const { return options.model_places ? *options.model_places : ModelPlaces::from_environment(); }
  ModelInfo describe(const ResolvedConfig& config);
  Plan plan(const ResolvedConfig& config);
  /// What the model, and a second one, will take.
  MemoryNeed memory_need(const ResolvedConfig& config, const LoadOptions& options);
  /// `before`: what an attempt before this one came to.
  Result run(const Plan& plan, const Placement& placement, const LoadOptions& load, const RunOptions& options, Result& before);
  /// The same, and with less memory again while it runs out and there is a way.
  Result run_in_memory(const Plan& plan, const Placement& placement, const RunOptions& options);
  void unload() {
    models.clear(), refiners.clear();
    release_blocks();
    malloc_trim(0);
  }
  Picture picture(const Plan& plan, const Request& drawn, int index, Image image, const std::vector<std::string>& fallbacks, bool write);
};

}  // namespace calotype
