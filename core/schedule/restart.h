#pragma once
#include <calotype/host/resolved_config.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace calotype {

/// Restart sampling around any sampler on any schedule: at a low sigma much noise is added, and the sampler comes
/// down again, which shrinks the errors made before. Xu, Deng, Cheng et al. 2023, section 3.1, arXiv:2306.14878.

inline constexpr double kLeastRestartSigma = 0.0001, kMostRestartSigma = 100000;
inline constexpr int kMostRestartSteps = 1000;

/// The presets' names: none, then the authors', ComfyUI_restart_sampling's and AUTOMATIC1111's.
const std::vector<std::string>& restart_presets();
/// A preset for a run of so many steps. Throws Error (config) where there is none of that name.
Restart restart_preset(const std::string& name, int steps);
/// How many steps a restart takes away from those that the config gives: AUTOMATIC1111 counts them in.
int steps_within(const Restart& restart);
/// How many steps its segments have.
int steps_of(const Restart& restart);

/// The segments that lie within a walk, between its first and its last sigma, as they are walked: sigma_min is
/// the sigma of the walk that they begin and end at.
std::vector<RestartSegment> segments_within(std::span<const double> pass, const Restart& restart);

/// A part of a walk without a way back.
struct RestartInterval {
  std::vector<double> sigmas;
  std::optional<double> from{};  ///< the sigma of the latents before it, from which noise takes them up to
                                 ///< sigmas[0]; none: they are there
};
/// The walk with each way back that lies within it.
std::vector<RestartInterval> restart_intervals(std::span<const double> pass, const Restart& restart);
/// What of it is walked in none of the walks: an Error (config) where the config's own segments are at fault, else a
/// warning, which may be empty.
std::string check_restart(const Restart& restart, const std::vector<std::vector<double>>& passes, int steps);

}  // namespace calotype
