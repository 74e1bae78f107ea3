#include "check/scheduler_calls.h"

#include <calotype/trial.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "check/child_process.h"

namespace calotype::check {

bool Answer::operator==(const Answer& other) const {
  return status == other.status && message == other.message && sigmas.size() == other.sigmas.size() &&
         (status != CALOTYPE_OK ||
          std::memcmp(sigmas.data(), other.sigmas.data(), sigmas.size() * sizeof(double)) == 0);
}

const std::vector<double>& usual_levels() {
  static const std::vector<double> levels = trial::usual_levels();
  return levels;
}

SchedulerCalls::SchedulerCalls(const Subject& subject)
    : opened_(subject),
      entry_(*subject.entry),
      scheduler_(static_cast<const calotype_scheduler*>(opened_.implementation(entry_))) {}

Answer SchedulerCalls::ask(uint32_t steps, const Values& values, std::span<const double> levels) const {
  const calotype_noise_levels raw{sizeof raw, uint32_t(levels.size()), levels.data()};
  const AbiSettings settings(entry_, values);
  calotype_message message{sizeof message, ""};
  Answer out{CALOTYPE_FAILED, std::vector<double>(size_t(steps) + 1, std::nan("")), ""};
  out.status = call(steps, raw, *settings.get(), out.sigmas.data(), message, values);
  message.text[sizeof message.text - 1] = 0;
  if (!out.is_good()) out.message = message.text;
  return out;
}

int32_t SchedulerCalls::call(uint32_t steps, const calotype_noise_levels& levels, const calotype_settings& settings,
                             double* sigmas, calotype_message& message, const Values& values) const {
  now_calls("scheduler.sigmas, " + steps_text(steps, values));
  try {
    return scheduler_->sigmas(steps, &levels, &settings, sigmas, &message);
  } catch (...) {
    throw Broken(at(steps, values) + "an exception leaves the plugin; want a status and a message");
  }
}

std::vector<uint32_t> all_steps(Level level) {
  std::vector<uint32_t> out;
  for (uint32_t n = 1; n <= (level == Level::quick ? 50 : 1000); ++n) out.push_back(n);
  if (level == Level::quick)
    for (const uint32_t n : {100u, 138u, 139u, 500u, 999u, 1000u}) out.push_back(n);
  return out;
}

bool has_steps(const EntryInfo& e) {
  return e.steps_low >= 1 && e.steps_low <= e.steps_high && e.steps_high <= 1000;
}

uint32_t SchedulerCalls::usual_steps() const {
  return has_steps(entry_) ? uint32_t(std::clamp(20, entry_.steps_low, entry_.steps_high)) : 20;
}

uint32_t good_steps(const SchedulerCalls& scheduler) {
  const uint32_t usual = scheduler.usual_steps();
  for (const uint32_t n : {usual, 10u, 4u, 1u})
    if (scheduler.ask(n).is_good()) return n;
  throw Skipped("it returns no sigmas for " + std::to_string(usual) + ", 10, 4 or 1 steps");
}

void hold_status(const Answer& answer, const std::string& where) {
  if (answer.status < CALOTYPE_OK || answer.status > CALOTYPE_DEFECT)
    throw Broken(where + "want a known status, got " + std::to_string(answer.status));
}

void hold_to_contract(const Answer& answer, const std::string& where) {
  hold_status(answer, where);
  if (!answer.is_good()) {
    if (answer.message.empty()) throw Broken(where + "refused without a message");
    return;
  }
  for (size_t i = 0; i < answer.sigmas.size(); ++i) {
    const bool is_last = i + 1 == answer.sigmas.size();
    const double sigma = answer.sigmas[i];
    if (!std::isfinite(sigma) || (is_last ? sigma != 0 : sigma <= 0) || (i && sigma >= answer.sigmas[i - 1]))
      throw Broken(where + "sigma " + std::to_string(i) + " is " + std::to_string(sigma) +
                   (i ? " after " + std::to_string(answer.sigmas[i - 1]) : "") +
                   "; want finite numbers that fall strictly to 0");
  }
}

}  // namespace calotype::check
