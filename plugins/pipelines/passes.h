#pragma once
#include <calotype/pipeline.h>

#include <string>
#include <vector>

namespace calotype {

/// The last int(steps * strength) steps of `sigmas`, as in diffusers. Throws Error (config) if no step is left; `name`:
/// the strength's key, for the message.
std::vector<double> last_steps(const std::vector<double>& sigmas, double strength, const std::string& name);

/// The steps that start at a timestep from round(T - start * T) - 1 down to round(T - end * T), where T is the model's
/// number of training timesteps: diffusers' denoising_start and denoising_end. Throws Error (config) if there is none;
/// `name`: the key, for the message.
std::vector<double> steps_between(const std::vector<double>& sigmas, double start, double end, ModelSigmas trained,
                                  const std::string& name);

/// The first `steps` steps of `sigmas`, and the others. Throws Error (config) if one of the two would be empty; `name`:
/// the key, for the message.
Passes parted(const std::vector<double>& sigmas, int steps, const std::string& name);

/// A number as messages write it: "0.8".
std::string shown(double number);

}  // namespace calotype
