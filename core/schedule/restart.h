#pragma once
#include <calotype/host/resolved_config.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace calotype {

/// Restart sampling for any sampler and schedule. At a low sigma, much noise is added, and the sampler comes down
/// again, which reduces earlier errors. Xu, Deng, Cheng et al. 2023, section 3.1, arXiv:2306.14878.

inline constexpr double kLeastRestartSigma = 0.0001, kMostRestartSigma = 100000;
inline constexpr int kMostRestartSteps = 1000;

/// The presets: none, then the authors', ComfyUI_restart_sampling's and AUTOMATIC1111's.
const std::vector<std::string>& restart_presets();
/// The restart intervals of a preset for a run of `steps` steps. Throws Error (config) if there is no such preset.
Restart restart_preset(const std::string& name, int steps);
/// The number of the config's steps that the restarts use up: AUTOMATIC1111 includes them.
int steps_within(const Restart& restart);
/// The number of steps in its restart intervals.
int steps_of(const Restart& restart);

/// The restart intervals within a pass, between its first and last sigma, in the order in which they run: sigma_min
/// becomes the pass's sigma at which they start and end.
std::vector<RestartSegment> restart_intervals_within(std::span<const double> pass, const Restart& restart);

/// A part of a pass in which the sigmas only fall: up to a restart, the way down again, or from there on.
struct PassInterval {
  std::vector<double> sigmas;
  std::optional<double> from{};  ///< the sigma of the latents before it, from which noise raises them to sigmas[0];
                                 ///< none: they are at sigmas[0]
};
/// The pass, split at its restarts.
std::vector<PassInterval> pass_intervals(std::span<const double> pass, const Restart& restart);
/// Checks for restart intervals that no pass contains: an Error (config) if the config lists them, else a warning,
/// which may be empty.
std::string check_restart(const Restart& restart, const std::vector<std::vector<double>>& passes, int steps);

}  // namespace calotype
