#pragma once
#include <span>
#include <string>
#include <vector>

#include "check/fake_sampler_host.h"
#include "check/loaded_library.h"
#include "check/setting_values.h"
#include "loading/abi_settings.h"

namespace calotype::check {

/// The check that all checks need that use a working sampler.
inline constexpr std::string_view kRuns = "sampler-runs";

/// The result of a call of a sampler.
struct Sampled {
  int32_t status;
  std::vector<double> x;  ///< if it succeeded
  std::string message;
  int leaked;  ///< handles that it neither released nor returned
  bool operator==(const Sampled& other) const;
};

/// A sampler and its library.
class SamplerCalls {
 public:
  explicit SamplerCalls(const Subject& subject);
  /// Throws Broken if an exception leaves the plugin, or if it succeeds and returns no latents.
  Sampled run(VectorHost& host, const std::vector<double>& sigmas, const Values& values = {},
              std::vector<double> x = {12}) const;
  /// Runs with usual sigmas and a host of its own.
  Sampled run(int steps, const Values& values = {}) const;
  /// Calls it with the caller's structs; `values`: the settings that are not at their defaults, for messages.
  int32_t call(const calotype_sampler_host& host, const calotype_settings& settings, std::span<const double> sigmas,
               calotype_latents** x, calotype_message& message, const Values& values = {}) const;
  const EntryInfo& entry() const { return entry_; }

 private:
  Opened opened_;
  const EntryInfo& entry_;
  const calotype_sampler* sampler_;
};

/// Sigmas of n steps from 14.6 down to 0.03, and 0.
std::vector<double> usual_sigmas(int n);

/// Settings with which a sampler adds no noise, as far as their names show.
Values without_noise(const EntryInfo& entry);

/// What a sampler's manifest declares; 0: not declared.
struct Declared {
  double order = 0, calls_a_step = 0, calls_more = 0;
};
Declared declared_by(const Subject& subject);

}  // namespace calotype::check
