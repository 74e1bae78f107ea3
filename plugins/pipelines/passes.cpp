#include "passes.h"

#include <algorithm>
#include <cmath>

namespace calotype {
namespace {

/// The timestep of a sigma, without the rounding error of the inversion if it is a whole one.
double timestep(double sigma, ModelSigmas trained) {
  const double t = trained.timestep(sigma), whole = std::nearbyint(t);
  return std::abs(t - whole) < 1e-4 ? whole : t;
}

}  // namespace

std::string shown(double v) {
  std::string text = std::to_string(v);
  return text.erase(std::max(text.find_last_not_of('0'), text.find('.') + 1) + 1);
}

std::vector<double> last_steps(const std::vector<double>& sigmas, double strength, const std::string& name) {
  const int steps = int(sigmas.size()) - 1, kept = std::min(int(steps * strength), steps);
  if (kept < 1)
    throw Error(ErrorCode::config, name + ": want at least 1/" + std::to_string(steps) + ", so that one of " +
                                       std::to_string(steps) + " steps is run, got " + shown(strength));
  return {sigmas.end() - kept - 1, sigmas.end()};
}

std::vector<double> steps_between(const std::vector<double>& sigmas, double start, double end, ModelSigmas trained,
                                  const std::string& name) {
  const double all = trained.count();
  const double below = start > 0 ? std::nearbyint(all - start * all) : INFINITY;
  const double least = end < 1 ? std::nearbyint(all - end * all) : -INFINITY;
  std::vector<double> out;
  for (size_t i = 0; i + 1 < sigmas.size(); ++i) {
    const double t = timestep(sigmas[i], trained);
    if (t >= below || t < least) continue;
    if (out.empty()) out.push_back(sigmas[i]);
    out.push_back(sigmas[i + 1]);
  }
  if (out.empty())
    throw Error(ErrorCode::config, name + ": want a step from " + shown(start) + " to " + shown(end) +
                                       " of the training timesteps, got none; take more steps");
  return out;
}

Passes parted(const std::vector<double>& sigmas, int steps, const std::string& name) {
  const int all = int(sigmas.size()) - 1;
  if (steps < 1 || steps >= all)
    throw Error(ErrorCode::config, name + ": want 1 to " + std::to_string(all - 1) + " of " + std::to_string(all) +
                                       " steps, got " + std::to_string(steps));
  return {{sigmas.begin(), sigmas.begin() + steps + 1}, {sigmas.begin() + steps, sigmas.end()}};
}

}  // namespace calotype
