#pragma once
#include <calotype/error.h>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace calotype {

/// `sigma(i, steps)` for every i in [0, steps), followed by 0. If they do not fall strictly, throws an Error that names
/// the largest smaller number of steps for which they do. `why`: the reason, for the message.
template <class Sigma>
std::vector<double> falling_to_zero(int steps, const Sigma& sigma, std::string_view why) {
  const auto fall = [&](int n) -> std::vector<double> {
    std::vector<double> sigmas;
    sigmas.reserve(n + 1);
    for (int i = 0; i < n; ++i) {
      const double value = sigma(i, n);
      if (!std::isfinite(value) || value <= 0 || (i && value >= sigmas.back())) return {};
      sigmas.push_back(value);
    }
    sigmas.push_back(0);
    return sigmas;
  };
  if (auto sigmas = fall(steps); !sigmas.empty()) return sigmas;
  const auto falls_at = [&](int i, int n) { return n < 2 || sigma(i, n) < sigma(i - 1, n); };
  for (int n = steps - 1; n >= 1;
       --n)  // most failing numbers of steps fail at the ends or in the middle, so these are checked first
    if (falls_at(1, n) && falls_at(n - 1, n) && falls_at((n + 1) / 2, n) && !fall(n).empty())
      throw Error("at most " + std::to_string(n) + " steps: " + std::string(why));
  throw Error("no number of steps will do: " + std::string(why));
}

}  // namespace calotype
