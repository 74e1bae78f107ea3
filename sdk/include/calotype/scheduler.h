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

/// The older name, so that older sources compile.
using NoiseLevels = ModelSigmas;

/// A scheduler: chooses the sigmas of a pass. It is pure: equal arguments give equal numbers. The host calls it on the
/// threads that its Info declares. Throws calotype::Error if `steps` or a setting has no answer.
/// @param steps 1 or more
/// @param levels the sigmas that the model was trained on
/// @param settings the entry's declared settings, inside their ranges
/// @return steps+1 sigmas: finite, strictly falling, the last one 0. The host checks them.
using Schedule = std::vector<double>(int steps, const ModelSigmas& levels, const Settings& settings);

template <Schedule& schedule, const Info& info>
int32_t scheduler_thunk(uint32_t steps, const calotype_noise_levels* levels, const calotype_settings* settings,
                        double* out, calotype_message* message) {
  return guarded(message, [&] {
    [[maybe_unused]] const ThreadCheck check(info, "sigmas");
    const auto sigmas = schedule(int(steps), ModelSigmas({levels->sigmas, levels->count}), Settings(settings));
    if (sigmas.size() != steps + size_t(1))
      throw std::logic_error("want " + digits_of(steps + size_t(1)) + " sigmas for " + digits_of(steps) +
                             " steps, got " + digits_of(sigmas.size()));
    std::copy(sigmas.begin(), sigmas.end(), out);
  });
}

/// A namespace of its own, because an author may use the same names.
namespace table {
/// Hidden, so that the object of another library cannot replace it, whatever flags either was built with.
template <Schedule& schedule, const Info& info>
[[gnu::visibility("hidden")]] inline constexpr calotype_scheduler kScheduler{sizeof(calotype_scheduler),
                                                                             scheduler_thunk<schedule, info>};
}  // namespace table

}  // namespace calotype

/// Offers `schedule`, a function of type calotype::Schedule, with the manifest `info`, a constexpr calotype::Info.
#define CALOTYPE_SCHEDULER_ENTRY(info, schedule)       \
  static_assert(::calotype::declared::is_sound(info)); \
  CALOTYPE_ENTRY(CALOTYPE_SCHEDULER, 1u, info, "", (&::calotype::table::kScheduler<schedule, info>))
