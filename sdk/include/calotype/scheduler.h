#pragma once
#include <calotype/model_sigmas.h>
#include <calotype/note.h>
#include <calotype/settings.h>
#include <calotype/thread_check.h>
#include <calotype/thunk.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace calotype {

/// A scheduler: the sigmas that the sampler walks through.
/// @param steps   1 or more
/// @param levels  what the model was trained on
/// @return steps+1 sigmas: finite, falling strictly, the last 0. The host checks it.
/// Throws calotype::Error where `steps` or a setting has no answer. Pure: equal arguments, equal numbers. It is
/// called from the threads that its Info declares.
using Schedule = std::vector<double>(int steps, const ModelSigmas& levels, const Settings& settings);

template <Schedule& schedule, const Info& info>
int32_t scheduler_thunk(uint32_t steps, const calotype_noise_levels* levels, const calotype_settings* settings,
                        double* out, calotype_message* message) {
  return guarded(message, [&] {
    [[maybe_unused]] const ThreadCheck check(info, "sigmas");
    const auto sigmas = schedule(int(steps), ModelSigmas({levels->sigmas, levels->count}), Settings(settings));
    if (sigmas.size() != steps + size_t(1))
      throw std::logic_error("returned " + digits_of(sigmas.size()) + " sigmas for " + digits_of(steps) +
                             " steps; wanted " + digits_of(steps + size_t(1)));
    std::copy(sigmas.begin(), sigmas.end(), out);
  });
}

/// Of names that an author may have too.
namespace table {
/// Hidden, so that no other library's takes its place, however either was built.
template <Schedule& schedule, const Info& info>
[[gnu::visibility("hidden")]] inline constexpr calotype_scheduler kScheduler{sizeof(calotype_scheduler),
                                                                             scheduler_thunk<schedule, info>};
}  // namespace table

}  // namespace calotype

/// Offers `schedule`, a function of type calotype::Schedule, under the names in `info`, a constexpr calotype::Info.
#define CALOTYPE_SCHEDULER_ENTRY(info, schedule)       \
  static_assert(::calotype::declared::is_sound(info)); \
  CALOTYPE_ENTRY(CALOTYPE_SCHEDULER, 1u, info, "", (&::calotype::table::kScheduler<schedule, info>))
