// The sigmas or timesteps that the config lists: for schedules from a paper or another program. Not for another number
// of steps than the list has.
//
//   sigma_i = sigmas[i],   or   sigma_i = S(timesteps[i]),   i = 0 .. n-1;   sigma_n = 0
//
// S: the model's training sigmas, log-linear between timesteps. The list of sigmas may end with 0 or without it.
#include <calotype/scheduler.h>

#include <cstdio>

#include "schedulers/falling.h"

namespace {
using namespace calotype;

constexpr Setting kSigmas = numbers("sigmas", "", 0, 1e6, "one sigma for each step, falling; a 0 may follow");
constexpr Setting kTimesteps =
    numbers("timesteps", "", 0, 1e6, "instead of sigmas: one training timestep for each step, falling");

constexpr Info kInfo{
    .id = "manual",
    .aliases = {"custom"},
    .label = "Manual",
    .summary = "the sigmas or timesteps that the config lists, one for each step; not for other numbers of steps",
    .citation = "Calotype",
    .category = "Specialized",
    .best_for = "experiments",
    .pairs_with = "euler",
    .is_by_hand = true,
    .settings = {kSigmas, kTimesteps}};

[[noreturn]] void fail(const char* form, double wanted, double got) {
  char text[120];
  std::snprintf(text, sizeof text, form, wanted, got);
  throw Error(text);
}

std::vector<double> manual(int steps, const ModelSigmas& levels, const Settings& settings) {
  const auto given = settings.numbers(kSigmas), timesteps = settings.numbers(kTimesteps);
  if (given.empty() == timesteps.empty())
    throw Error(given.empty() ? "want sigmas or timesteps, got neither" : "want sigmas or timesteps, got both");
  std::vector<double> sigmas(given.begin(), given.end());
  for (const double t : timesteps) {
    if (t > levels.count() - 1) fail("timesteps: want 0 to %g, got %g", levels.count() - 1, t);
    sigmas.push_back(levels.sigma(t));
  }
  if (sigmas.back() > 0) sigmas.push_back(0);
  for (size_t i = 1; i < sigmas.size(); ++i)
    if (sigmas[i] >= sigmas[i - 1]) fail("want falling sigmas, got %.9g before %.9g", sigmas[i - 1], sigmas[i]);
  if (sigmas.size() != size_t(steps) + 1)
    fail("want steps: %g, as many as are given, got %g", double(sigmas.size()) - 1, steps);
  return sigmas;
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, manual);
