#pragma once
#include <calotype/sampler.h>

#include <algorithm>
#include <cmath>
#include <vector>

/// The end of walks that leave the least noise of the training in, as some of diffusers' and of A1111's do.
namespace calotype {

inline constexpr Setting kFinalSigma =
    number("final_sigma", 0, 0, 1,
           "noise left at the end, in latents scaled as diffusers', which leaves 0.02916753 of SDXL's");

/// The same with another default.
consteval Setting final_sigma_of(double sigma) {
  Setting setting = kFinalSigma;
  setting.value = sigma;
  return setting;
}
inline constexpr double kSigmaAt0 = 0.02916753, kSigmaAt1 = 0.0413144;  ///< of SDXL's timesteps 0 and 1

/// The sigmas of the walk, whose last is what kFinalSigma says, but no step up.
inline std::vector<double> to_final_sigma(const Sampling& s) {
  std::vector<double> sigmas(s.sigmas.begin(), s.sigmas.end());
  sigmas.back() = std::min(s.settings[kFinalSigma], sigmas[sigmas.size() - 2]);
  return sigmas;
}

/// The same without steps that begin there already: a sigma within 1 % of it, or below, is its end.
inline std::vector<double> until_final_sigma(const Sampling& s) {
  const double final_sigma = s.settings[kFinalSigma];
  const auto below =
      std::find_if(s.sigmas.begin() + 1, s.sigmas.end(), [&](double sigma) { return sigma <= 1.01 * final_sigma; });
  std::vector<double> sigmas(s.sigmas.begin(), below);
  sigmas.push_back(std::min(final_sigma, sigmas.back()));
  return sigmas;
}

/// What diffusers decodes there: sqrt(alpha_bar) x, alpha_bar = 1 / (1 + sigma^2).
inline double scale_at(double sigma) {
  return 1 / std::sqrt(1 + sigma * sigma);
}

/// For x after step i along `sigmas`: scale_at the last, 1 before it.
inline double end_scale(std::span<const double> sigmas, size_t i) {
  return i + 2 == sigmas.size() ? scale_at(sigmas.back()) : 1;
}

inline void scale_from(double final_sigma, Latents& x) {
  if (final_sigma > 0) x = scale_at(final_sigma) * x;
}

}  // namespace calotype
