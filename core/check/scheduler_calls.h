#pragma once
#include <span>
#include <string>
#include <vector>

#include "check/loaded_library.h"
#include "check/setting_values.h"
#include "loading/abi_settings.h"

namespace calotype::check {

/// What a scheduler answered.
struct Answer {
  int32_t status;
  std::vector<double> sigmas;  ///< steps+1
  std::string message;

  bool is_good() const { return status == CALOTYPE_OK; }
  bool operator==(const Answer& other) const;
};

/// Sigmas as a model has them: 1,000, from 0.03 to 14.6.
const std::vector<double>& usual_levels();

/// A scheduler with its library.
class SchedulerCalls {
 public:
  explicit SchedulerCalls(const Subject& subject);
  /// Throws Broken where an exception leaves the plugin.
  Answer ask(uint32_t steps, const Values& values = {}, std::span<const double> levels = usual_levels()) const;
  /// The same with the structs of the caller; `values`: what the settings are but for their defaults.
  int32_t call(uint32_t steps, const calotype_noise_levels& levels, const calotype_settings& settings, double* sigmas,
               calotype_message& message, const Values& values = {}) const;

  /// 20, or of the steps that its note recommends the nearest.
  uint32_t usual_steps() const;

 private:
  Opened opened_;
  const EntryInfo& entry_;
  const calotype_scheduler* scheduler_;
};

/// 1 to 1,000, at Level::quick the first 50 and a few more.
std::vector<uint32_t> all_steps(Level level);

/// Calls `takes` with all of them, which says whether they were; where ten in a row were not, with every 250th: a
/// refusal may take long.
template <class Takes>
void each_steps(Level level, Takes&& takes) {
  int refused = 0;
  for (const uint32_t n : all_steps(level))
    if (refused < 10 || n % 250 == 0) refused = takes(n) ? 0 : refused + 1;
}

/// Asks for all of them.
template <class Body>
void each_answer(const SchedulerCalls& scheduler, Level level, Body&& body) {
  each_steps(level, [&](uint32_t n) {
    const Answer answer = scheduler.ask(n);
    body(n, answer);
    return answer.is_good();
  });
}

/// Whether the note says how many steps make sense, and that can be.
bool has_steps(const EntryInfo& entry);

/// Steps for which it answers with numbers, the usual ones where it can. Throws Skipped where there are none.
uint32_t good_steps(const SchedulerCalls& scheduler);

/// Throws Broken where an answer's status is none of the contract.
void hold_status(const Answer& answer, const std::string& where);

/// Throws Broken where an answer is neither good numbers nor a status with words.
void hold_to_contract(const Answer& answer, const std::string& where);

}  // namespace calotype::check
