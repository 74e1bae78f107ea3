// Whether a scheduler or sampler stays within the arrays that it gets: each in turn lies between pages of memory that
// may not be accessed.
#include <cmath>

#include "check/guarded_memory.h"
#include "check/sampler_calls.h"
#include "check/scheduler_calls.h"

namespace calotype::check {
namespace {

void hold(const std::optional<ptrdiff_t>& touched, uint32_t steps, const std::string& what, size_t count) {
  if (!touched) return;
  const ptrdiff_t index = *touched >> 3;  // items have 8 bytes; the shift also rounds down before the first item
  throw Broken(at(steps) + "it accesses " + what + " " + std::to_string(index) + "; there are " +
               std::to_string(count) + ", from 0");
}

struct SchedulerInput {
  std::span<const double> levels;
  calotype_settings settings;
  std::span<double> sigmas;
};

/// `put(input, at_end)` moves one array of the input between walls and returns its number of items.
template <class Put>
void hold_scheduler(const Subject& s, const std::string& what, const Walled& walls, Put&& put) {
  const SchedulerCalls scheduler(s);
  const AbiSettings settings(*s.entry, {});
  for (const bool at_end : {true, false})
    each_steps(s.level, [&](uint32_t n) {
      std::vector<double> sigmas(size_t(n) + 1, std::nan(""));
      SchedulerInput in{usual_levels(), *settings.get(), sigmas};
      const size_t count = put(in, at_end);
      const calotype_noise_levels levels{sizeof levels, uint32_t(in.levels.size()), in.levels.data()};
      calotype_message message{sizeof message, ""};
      int32_t status = CALOTYPE_FAILED;
      hold(walls.touched([&] { status = scheduler.call(n, levels, in.settings, in.sigmas.data(), message); }), n, what,
           count);
      return status == CALOTYPE_OK;
    });
}

void reads_only_its_levels(const Subject& s) {
  Walled walls(usual_levels().size() * sizeof(double));
  hold_scheduler(s, "sigma", walls, [&](SchedulerInput& in, bool at_end) {
    in.levels = {walls.put(in.levels, at_end), in.levels.size()};
    return in.levels.size();
  });
}

void reads_only_its_sigmas(const Subject& s) {
  Walled walls(1001 * sizeof(double));
  hold_scheduler(s, "sigma", walls, [&](SchedulerInput& in, bool at_end) {
    in.sigmas = {walls.put(std::span<const double>(in.sigmas), at_end), in.sigmas.size()};
    return in.sigmas.size();
  });
}

/// Moves the list of settings between walls and returns their number.
size_t put_settings(calotype_settings& settings, Walled& walls, bool at_end) {
  settings.values = walls.put(std::span(settings.values, settings.count), at_end);
  return settings.count;
}

void reads_only_its_settings(const Subject& s) {
  Walled walls(s.entry->settings.size() * sizeof(void*) + 1);
  hold_scheduler(s, "setting", walls,
                 [&](SchedulerInput& in, bool at_end) { return put_settings(in.settings, walls, at_end); });
}

/// As hold_scheduler, for a sampler; `put(sigmas, settings, at_end)`.
template <class Put>
void hold_sampler(const Subject& s, const std::string& what, const Walled& walls, Put&& put) {
  const SamplerCalls sampler(s);
  const AbiSettings given(*s.entry, {});
  for (const bool at_end : {true, false})
    for (const int n : {1, 2, 20, 50}) {
      const std::vector<double> usual = usual_sigmas(n);
      std::span<const double> sigmas = usual;
      calotype_settings settings = *given.get();
      const size_t count = put(sigmas, settings, at_end);
      VectorHost host;
      calotype_latents* x = host.lend({12});
      calotype_message message{sizeof message, ""};
      hold(walls.touched([&] { sampler.call(host.table(), settings, sigmas, &x, message); }), uint32_t(n), what, count);
    }
}

void sampler_reads_only_its_sigmas(const Subject& s) {
  Walled walls(51 * sizeof(double));
  hold_sampler(s, "sigma", walls, [&](std::span<const double>& sigmas, calotype_settings&, bool at_end) {
    sigmas = {walls.put(sigmas, at_end), sigmas.size()};
    return sigmas.size();
  });
}

void sampler_reads_only_its_settings(const Subject& s) {
  Walled walls(s.entry->settings.size() * sizeof(void*) + 1);
  hold_sampler(s, "setting", walls, [&](std::span<const double>&, calotype_settings& settings, bool at_end) {
    return put_settings(settings, walls, at_end);
  });
}

}  // namespace

const std::vector<Check>& wall_checks() {
  using enum About;
  static const std::vector<Check> all{
      {"reads-only-its-levels", "it reads no sigma before the model's first or after its last", scheduler,
       reads_only_its_levels, kLoaded},
      {"reads-only-its-settings", "it reads no setting before its first or after its last", scheduler,
       reads_only_its_settings, kLoaded},
      {"reads-only-its-sigmas", "it reads nothing outside the steps+1 numbers that it writes", scheduler,
       reads_only_its_sigmas, "sigmas-stay-in-bounds"},
      {"sampler-reads-only-its-settings", "it reads no setting before its first or after its last", sampler,
       sampler_reads_only_its_settings, kRuns},
      {"sampler-reads-only-its-sigmas", "it reads no sigma before the first or after the last", sampler,
       sampler_reads_only_its_sigmas, kRuns}};
  return all;
}

}  // namespace calotype::check
