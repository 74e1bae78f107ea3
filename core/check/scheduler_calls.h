#pragma once
#include <span>
#include <string>
#include <vector>

#include "check/loaded_library.h"
#include "check/setting_values.h"
#include "loading/abi_settings.h"

namespace calotype::check {

/// The result of a call of a scheduler.
struct Answer {
  int32_t status;
  std::vector<double> sigmas;  ///< steps+1
  std::string message;

  bool is_good() const { return status == CALOTYPE_OK; }
  bool operator==(const Answer& other) const;
};

/// Sigmas of a model: 1,000, from 0.03 to 14.6.
const std::vector<double>& usual_levels();

/// A scheduler and its library.
class SchedulerCalls {
 public:
  explicit SchedulerCalls(const Subject& subject);
  /// Throws Broken if an exception leaves the plugin.
  Answer ask(uint32_t steps, const Values& values = {}, std::span<const double> levels = usual_levels()) const;
  /// Calls it with the caller's structs; `values`: the settings that are not at their defaults, for messages.
  int32_t call(uint32_t steps, const calotype_noise_levels& levels, const calotype_settings& settings, double* sigmas,
               calotype_message& message, const Values& values = {}) const;

  /// 20, or the nearest number to 20 that its manifest recommends.
  uint32_t usual_steps() const;

 private:
  Opened opened_;
  const EntryInfo& entry_;
  const calotype_scheduler* scheduler_;
};

/// The numbers from 1 to 1,000; at Level::quick the first 50 and a few more.
std::vector<uint32_t> all_steps(Level level);

/// Calls `takes` with all of them; it returns whether the scheduler accepted the number. After ten refusals in a row
/// only every 250th follows, because a refusal may take long.
template <class Takes>
void each_steps(Level level, Takes&& takes) {
  int refused = 0;
  for (const uint32_t n : all_steps(level))
    if (refused < 10 || n % 250 == 0) refused = takes(n) ? 0 : refused + 1;
}

/// Calls the scheduler with all of them.
template <class Body>
void each_answer(const SchedulerCalls& scheduler, Level level, Body&& body) {
  each_steps(level, [&](uint32_t n) {
    const Answer answer = scheduler.ask(n);
    body(n, answer);
    return answer.is_good();
  });
}

/// Whether the manifest recommends a valid range of steps.
bool has_steps(const EntryInfo& entry);

/// A number of steps that the scheduler accepts, the usual one if possible. Throws Skipped if there is none.
uint32_t good_steps(const SchedulerCalls& scheduler);

/// Throws Broken if the status is not known.
void hold_status(const Answer& answer, const std::string& where);

/// Throws Broken unless the result is good sigmas, or a status with a message.
void hold_to_contract(const Answer& answer, const std::string& where);

}  // namespace calotype::check
