#pragma once
#include <calotype/pipeline.h>

#include <string>
#include <vector>

namespace calotype {

/// The last int(steps * strength) steps of `sigmas`, as diffusers counts them. Throws Error (config) where none is
/// left: `name` is the strength's key.
std::vector<double> last_steps(const std::vector<double>& sigmas, double strength, const std::string& name);

/// The steps that begin at a timestep from round(T - start * T) - 1 down to round(T - end * T), T being how many
/// timesteps the model was trained on: diffusers' denoising_start and denoising_end. Throws Error (config) where there
/// is none: `name` is the key that says it.
std::vector<double> steps_between(const std::vector<double>& sigmas, double start, double end, ModelSigmas trained,
                                  const std::string& name);

/// The first `steps` steps of `sigmas`, and the others. Throws Error (config) where one part would be empty: `name` is
/// the key.
Passes parted(const std::vector<double>& sigmas, int steps, const std::string& name);

/// A number as messages have it: "0.8".
std::string shown(double number);

}  // namespace calotype
