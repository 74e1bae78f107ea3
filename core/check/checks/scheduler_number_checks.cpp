// The sigmas themselves.
#include <algorithm>
#include <cmath>
#include <random>

#include "check/scheduler_calls.h"

namespace calotype::check {
namespace {

/// Calls `body` with the sigmas of every number of steps that the scheduler accepts.
template <class Body>
void each_schedule(const Subject& s, Body&& body) {
  each_answer(SchedulerCalls(s), s.level, [&](uint32_t n, const Answer& answer) {
    if (answer.is_good()) body(n, answer.sigmas);
  });
}

void are_finite(const Subject& s) {
  each_schedule(s, [](uint32_t n, const auto& sigmas) {
    for (size_t i = 0; i < sigmas.size(); ++i)
      if (!std::isfinite(sigmas[i]))
        throw Broken(at(n) + "sigma " + std::to_string(i) + " is " + std::to_string(sigmas[i]));
  });
}

void fall(const Subject& s) {
  each_schedule(s, [](uint32_t n, const auto& sigmas) {
    for (size_t i = 1; i < sigmas.size(); ++i)
      if (sigmas[i] >= sigmas[i - 1])
        throw Broken(at(n) + "sigma " + std::to_string(i) + " is " + std::to_string(sigmas[i]) + " after " +
                     std::to_string(sigmas[i - 1]));
  });
}

void end_at_0(const Subject& s) {
  each_schedule(s, [](uint32_t n, const auto& sigmas) {
    if (sigmas.back() != 0 && !std::isnan(sigmas.back()))
      throw Broken(at(n) + "the last sigma is " + std::to_string(sigmas.back()) + "; want 0");
  });
}

void begin_in_the_model(const Subject& s) {
  if (s.entry->best_for == "other models") return;
  const double most = usual_levels().back();
  each_schedule(s, [&](uint32_t n, const auto& sigmas) {
    if (sigmas[0] > most * (1 + 1e-4))  // published tables start at 14.615
      throw Broken(at(n) + "the first sigma is " + std::to_string(sigmas[0]) + "; the model's largest is " +
                   std::to_string(most));
  });
}

void stay_in_bounds(const Subject& s) {
  const SchedulerCalls scheduler(s);
  const AbiSettings settings(*s.entry, {});
  const calotype_noise_levels levels{sizeof levels, uint32_t(usual_levels().size()), usual_levels().data()};
  constexpr double kGuard = -1234.5;
  for (uint32_t n = 1; n <= 1000; n += n < 60 ? 1 : n == 60 ? 440 : n == 500 ? 499 : 1) {
    std::vector<double> room(size_t(n) + 17, kGuard);
    calotype_message message{sizeof message, ""};
    scheduler.call(n, levels, *settings.get(), &room[8], message);
    for (size_t i = 0; i < room.size(); ++i)
      if ((i < 8 || i >= size_t(n) + 9) && room[i] != kGuard)
        throw Broken(at(n) + "it writes past its " + std::to_string(n + 1) + " sigmas");
  }
}

/// Whether it needs a setting: a list of numbers without a default.
bool wants_numbers(const EntryInfo& e) {
  return std::any_of(e.settings.begin(), e.settings.end(), [](const SettingInfo& setting) {
    const auto* numbers = std::get_if<Numbers>(&setting.default_value);
    return numbers && numbers->empty();
  });
}

void takes_its_own_steps(const Subject& s) {
  const SchedulerCalls scheduler(s);
  if (!has_steps(*s.entry)) {
    if (wants_numbers(*s.entry)) return;
    const Answer a = scheduler.ask(20);
    if (a.status == CALOTYPE_DEFECT) throw Broken(at(20) + a.message);
    if (!a.is_good())
      throw Broken("it declares no steps and refuses 20: " + a.message +
                   "; declare which it accepts: Info::steps, in C \"steps\": [low, high]");
    return;
  }
  for (int n = s.entry->steps_low; n <= s.entry->steps_high; ++n)
    if (const Answer a = scheduler.ask(uint32_t(n)); !a.is_good())
      throw Broken(at(uint32_t(n)) + "it recommends this number and refuses it: " + a.message);
}

const SettingInfo* setting(const EntryInfo& e, std::string_view name) {
  for (const auto& s : e.settings)
    if (s.name == name) return &s;
  return nullptr;
}

void obeys_its_ends(const Subject& s) {
  const SchedulerCalls scheduler(s);
  const double low = 0.1, high = 9;
  const bool has_low = setting(*s.entry, "sigma_min"), has_high = setting(*s.entry, "sigma_max");
  if (!has_low && !has_high) return;
  Values values;
  if (has_low) values["sigma_min"] = low;
  if (has_high) values["sigma_max"] = high;
  const uint32_t n = scheduler.usual_steps();
  const Answer a = scheduler.ask(n, values);
  if (!a.is_good() || n < 2) return;
  const auto is = [](double found, double wanted) { return std::abs(found - wanted) <= 1e-9 * wanted; };
  if (has_high && !is(a.sigmas[0], high))
    throw Broken(at(n, values) + "the first sigma is " + std::to_string(a.sigmas[0]));
  if (has_low && !is(a.sigmas[n - 1], low))
    throw Broken(at(n, values) + "the sigma before the last is " + std::to_string(a.sigmas[n - 1]));
}

void hold_at_corners(const Subject& s) {
  const SchedulerCalls scheduler(s);
  const uint32_t usual = scheduler.usual_steps();
  for (const Values& values : corners(*s.entry, s.level, s.seed))
    for (const uint32_t n :
         values.size() < 2 ? std::vector<uint32_t>{1, 2, usual, 100} : std::vector<uint32_t>{1, usual})
      hold_to_contract(scheduler.ask(n, values), at(n, values));
}

void hold_in_between(const Subject& s) {
  const SchedulerCalls scheduler(s);
  const uint32_t usual = scheduler.usual_steps();
  std::mt19937_64 random(s.seed);
  for (int i = 0; i < (s.level == Level::quick ? 20 : 200); ++i) {
    const Values values = random_values(*s.entry, random);
    hold_to_contract(scheduler.ask(usual, values), at(usual, values));
  }
}

void hold_for_other_models(const Subject& s) {
  const SchedulerCalls scheduler(s);
  for (const double factor : {0.01, 0.1, 10.0, 100.0}) {
    std::vector<double> levels;
    for (size_t i = 0; i < usual_levels().size(); i += factor > 1 ? 10 : 1)
      levels.push_back(factor * usual_levels()[i]);
    for (const uint32_t n : {1u, 7u, scheduler.usual_steps()})
      hold_to_contract(scheduler.ask(n, {}, levels), "a model of " + std::to_string(levels.size()) + " sigmas up to " +
                                                         std::to_string(levels.back()) + ", " + at(n));
  }
}

}  // namespace

const std::vector<Check>& scheduler_number_checks() {
  using enum About;
  static const std::vector<Check> all{
      {"sigmas-are-finite", "for 1 to 1,000 steps every sigma is a finite number", scheduler, are_finite, kLoaded},
      {"sigmas-fall", "for 1 to 1,000 steps the sigmas fall strictly", scheduler, fall, kLoaded},
      {"sigmas-end-at-0", "for 1 to 1,000 steps the last sigma is 0", scheduler, end_at_0, kLoaded},
      {"sigmas-begin-in-the-model",
       "its first sigma is not above the model's largest, unless it is best for other models", scheduler,
       begin_in_the_model, kLoaded},
      {"sigmas-stay-in-bounds", "it writes steps+1 numbers and nothing outside them", scheduler, stay_in_bounds,
       kLoaded},
      {"takes-its-own-steps", "it accepts the numbers of steps that it recommends", scheduler, takes_its_own_steps,
       "table-has-the-notes steps-make-sense"},
      {"obeys-its-ends", "the settings sigma_max and sigma_min are its first sigma and its last above 0", scheduler,
       obeys_its_ends, kLoaded},
      {"sigmas-hold-at-corners", "at every end of every setting it keeps the contract or refuses with a message",
       scheduler, hold_at_corners, kLoaded},
      {"sigmas-hold-in-between", "anywhere within its settings it keeps the contract or refuses with a message",
       scheduler, hold_in_between, kLoaded},
      {"sigmas-hold-for-other-models", "for models with other sigmas it keeps the contract or refuses with a message",
       scheduler, hold_for_other_models, kLoaded}};
  return all;
}

}  // namespace calotype::check
