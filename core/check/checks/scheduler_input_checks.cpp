// What a scheduler does with input that no host would pass: it may refuse or return nonsense, but the process goes on.
#include <cmath>
#include <cstring>
#include <limits>

#include "check/scheduler_calls.h"

namespace calotype::check {
namespace {

void ask_with(const Subject& s, const std::vector<std::vector<double>>& models) {
  const SchedulerCalls scheduler(s);
  for (const auto& levels : models)
    for (const uint32_t n : {1u, 2u, scheduler.usual_steps()}) hold_status(scheduler.ask(n, {}, levels), at(n));
}

std::vector<double> with(double value, size_t at) {
  std::vector<double> out = usual_levels();
  out[at] = value;
  return out;
}

void survives_nan(const Subject& s) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  ask_with(s, {std::vector<double>(1000, nan), with(nan, 0), with(nan, 500), with(nan, 999)});
}

void survives_infinity(const Subject& s) {
  const double inf = std::numeric_limits<double>::infinity();
  ask_with(s, {std::vector<double>(1000, inf), with(-inf, 0), with(inf, 500), with(inf, 999)});
}

void survives_absurd_levels(const Subject& s) {
  std::vector<double> falling(usual_levels().rbegin(), usual_levels().rend());
  ask_with(s, {{1},
               {1, 2},
               falling,
               std::vector<double>(1000, 0),
               std::vector<double>(1000, 1),
               std::vector<double>(1000, -1),
               with(1e308, 999),
               with(5e-324, 0)});
}

void survives_no_steps(const Subject& s) {
  hold_status(SchedulerCalls(s).ask(0), at(0));
}

void survives_many_steps(const Subject& s) {
  hold_status(SchedulerCalls(s).ask(10000), at(10000));
}

/// Calls that a scheduler may refuse: sigmas that are NaN, far too many steps.
template <class Body>
void each_refusal(const Subject& s, Body&& body) {
  const SchedulerCalls scheduler(s);
  const AbiSettings given(*s.entry, {});
  const std::vector<double> nothing(1000, std::nan(""));
  const calotype_noise_levels good{sizeof good, 1000, usual_levels().data()}, bad{sizeof bad, 1000, nothing.data()};
  body(scheduler, scheduler.usual_steps(), bad, *given.get());
  body(scheduler, 5000u, good, *given.get());
}

void throws_nothing(const Subject& s) {
  each_refusal(s, [](const auto& scheduler, uint32_t n, const auto& levels, const auto& settings) {
    std::vector<double> sigmas(size_t(n) + 1);
    calotype_message message{sizeof message, ""};
    scheduler.call(n, levels, settings, sigmas.data(), message);
  });
}

void refuses_with_words(const Subject& s) {
  each_answer(SchedulerCalls(s), s.level, [](uint32_t n, const Answer& a) {
    if (!a.is_good() && a.message.empty()) throw Broken(at(n) + "refused without a message");
  });
}

void refuses_in_one_line(const Subject& s) {
  each_answer(SchedulerCalls(s), s.level, [](uint32_t n, const Answer& a) {
    if (a.message.find('\n') != a.message.npos) throw Broken(at(n) + "want a message of one line, got several");
    if (a.message.ends_with('.')) throw Broken(at(n) + "want a message without a full stop, got \"" + a.message + "\"");
  });
}

void status_is_known(const Subject& s) {
  each_answer(SchedulerCalls(s), s.level, [](uint32_t n, const Answer& a) {
    if (a.status == CALOTYPE_DEFECT)
      throw Broken(at(n) + a.message + "; want numbers, or a calotype::Error with the reason");
    if (a.status != CALOTYPE_OK && a.status != CALOTYPE_FAILED && a.status != CALOTYPE_NO_MEMORY)
      throw Broken(at(n) + "want the status 0, 1 or 3, got " + std::to_string(a.status));
  });
}

void message_fits(const Subject& s) {
  each_refusal(s, [](const auto& scheduler, uint32_t n, const auto& levels, const auto& settings) {
    constexpr uint32_t kRoom = 12;
    std::vector<double> sigmas(size_t(n) + 1);
    calotype_message message{offsetof(calotype_message, text) + kRoom, ""};
    std::memset(message.text, '~', sizeof message.text);
    scheduler.call(n, levels, settings, sigmas.data(), message);
    for (size_t i = kRoom; i < sizeof message.text; ++i)
      if (message.text[i] != '~')
        throw Broken(at(n) + "it writes past the " + std::to_string(kRoom) + " bytes of its message");
  });
}

/// The structs of a later host, with more members behind the known ones.
void works_with_later_hosts(const Subject& s) {
  const SchedulerCalls scheduler(s);
  const uint32_t n = good_steps(scheduler);
  const Answer wanted = scheduler.ask(n);
  struct Later {
    calotype_noise_levels levels;
    uint64_t more[4];
  } levels{{sizeof(Later), 1000, usual_levels().data()}, {~0u, ~0u, ~0u, ~0u}};
  const AbiSettings given(*s.entry, {});
  struct LaterSettings {
    calotype_settings settings;
    uint64_t more[4];
  } settings{{sizeof(LaterSettings), given.get()->count, nullptr}, {~0u, ~0u, ~0u, ~0u}};
  struct LaterSetting {
    calotype_setting setting;
    uint64_t more[4];
  };
  std::vector<LaterSetting> values;
  for (uint32_t i = 0; i < given.get()->count; ++i) {
    values.push_back({*given.get()->values[i], {~0u, ~0u, ~0u, ~0u}});
    values.back().setting.size = sizeof(LaterSetting);
  }
  std::vector<const calotype_setting*> pointers;
  for (const auto& v : values) pointers.push_back(&v.setting);
  settings.settings.values = pointers.data();
  Answer found{CALOTYPE_FAILED, std::vector<double>(size_t(n) + 1), ""};
  calotype_message message{sizeof message, ""};
  found.status = scheduler.call(n, levels.levels, settings.settings, found.sigmas.data(), message);
  if (!(found == wanted)) throw Broken(at(n) + "with the larger structs of a later host it gives other numbers");
}

void leaves_input_alone(const Subject& s) {
  const SchedulerCalls scheduler(s);
  std::vector<double> levels = usual_levels();
  const AbiSettings given(*s.entry, {});
  std::vector<calotype_setting> before;
  for (uint32_t i = 0; i < given.get()->count; ++i) before.push_back(*given.get()->values[i]);
  for (const uint32_t n : {1u, scheduler.usual_steps(), 1000u}) {
    const calotype_noise_levels raw{sizeof raw, 1000, levels.data()};
    std::vector<double> sigmas(size_t(n) + 1);
    calotype_message message{sizeof message, ""};
    scheduler.call(n, raw, *given.get(), sigmas.data(), message);
    if (levels != usual_levels()) throw Broken(at(n) + "it writes to the model's sigmas");
    for (size_t i = 0; i < before.size(); ++i)
      if (std::memcmp(&before[i], given.get()->values[i], sizeof before[i]) != 0)
        throw Broken(at(n) + "it writes to its settings");
  }
}

}  // namespace

const std::vector<Check>& scheduler_input_checks() {
  using enum About;
  static const std::vector<Check> all{
      {"survives-nan", "sigmas that are NaN do no harm", scheduler, survives_nan, kLoaded},
      {"survives-infinity", "infinite sigmas do no harm", scheduler, survives_infinity, kLoaded},
      {"survives-absurd-levels", "sigmas that fall, are equal, negative, tiny, huge or only one do no harm", scheduler,
       survives_absurd_levels, kLoaded},
      {"survives-no-steps", "0 steps do no harm", scheduler, survives_no_steps, kLoaded},
      {"survives-many-steps", "10,000 steps do no harm", scheduler, survives_many_steps, kLoaded},
      {"throws-nothing", "it reports a failure by a status and never by an exception", scheduler, throws_nothing,
       kLoaded},
      {"refuses-with-words", "every refusal has a message", scheduler, refuses_with_words, kLoaded},
      {"refuses-in-one-line", "its message is one line without a full stop", scheduler, refuses_in_one_line, kLoaded},
      {"status-is-known", "its status is one that a scheduler may return", scheduler, status_is_known, kLoaded},
      {"message-fits", "it cuts its message to the given size", scheduler, message_fits, "throws-nothing"},
      {"works-with-later-hosts", "it works with the larger structs of a later host", scheduler, works_with_later_hosts,
       kLoaded},
      {"leaves-input-alone", "it writes only to its sigmas", scheduler, leaves_input_alone, kLoaded}};
  return all;
}

}  // namespace calotype::check
