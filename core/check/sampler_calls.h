#pragma once
#include <span>
#include <string>
#include <vector>

#include "check/fake_sampler_host.h"
#include "check/loaded_library.h"
#include "check/setting_values.h"
#include "loading/abi_settings.h"

namespace calotype::check {

/// The check that every check needs that wants a sampler which works at all.
inline constexpr std::string_view kRuns = "sampler-runs";

/// How a call of a sampler ended.
struct Sampled {
  int32_t status;
  std::vector<double> x;  ///< where it succeeded
  std::string message;
  int leaked;  ///< handles that it neither gave back nor returned
  bool operator==(const Sampled& other) const;
};

/// A sampler with its library.
class SamplerCalls {
 public:
  explicit SamplerCalls(const Subject& subject);
  /// Throws Broken where an exception leaves the plugin, or it succeeds and returns nothing.
  Sampled run(VectorHost& host, const std::vector<double>& sigmas, const Values& values = {},
              std::vector<double> x = {12}) const;
  /// With usual sigmas and a host of its own.
  Sampled run(int steps, const Values& values = {}) const;
  /// The same with the structs of the caller; `values`: what the settings are but for their defaults.
  int32_t call(const calotype_sampler_host& host, const calotype_settings& settings, std::span<const double> sigmas,
               calotype_latents** x, calotype_message& message, const Values& values = {}) const;
  const EntryInfo& entry() const { return entry_; }

 private:
  Opened opened_;
  const EntryInfo& entry_;
  const calotype_sampler* sampler_;
};

/// Sigmas for n steps from 14.6 down to 0.03, and 0.
std::vector<double> usual_sigmas(int n);

/// Values with which a sampler adds no noise, as far as the names of its settings tell.
Values without_noise(const EntryInfo& entry);

/// What a sampler's note promises; 0 where it says nothing.
struct Promise {
  double order = 0, calls_a_step = 0, calls_more = 0;
};
Promise promise_of(const Subject& subject);

}  // namespace calotype::check
