#pragma once
#include <calotype/sampler.h>

#include <algorithm>
#include <cmath>
#include <vector>

/// The end of passes that leave the noise of the lowest training sigma, as some of diffusers' and A1111's do.
namespace calotype {

inline constexpr Setting kFinalSigma = number(
    "final_sigma", 0, 0, 1, "sigma at the end, in latents scaled as in diffusers, which leaves 0.02916753 for SDXL");

/// kFinalSigma with another default.
consteval Setting final_sigma_of(double sigma) {
  Setting setting = kFinalSigma;
  setting.value = sigma;
  return setting;
}
inline constexpr double kSigmaAt0 = 0.02916753, kSigmaAt1 = 0.0413144;  ///< the sigmas of SDXL's timesteps 0 and 1

/// The sigmas of the pass with kFinalSigma as the last, but without a step up.
inline std::vector<double> to_final_sigma(const Sampling& s) {
  std::vector<double> sigmas(s.sigmas.begin(), s.sigmas.end());
  sigmas.back() = std::min(s.settings[kFinalSigma], sigmas[sigmas.size() - 2]);
  return sigmas;
}

/// As to_final_sigma, without steps that start at the end: the pass ends at the first sigma within 1 % of kFinalSigma
/// or below.
inline std::vector<double> until_final_sigma(const Sampling& s) {
  const double final_sigma = s.settings[kFinalSigma];
  const auto below =
      std::find_if(s.sigmas.begin() + 1, s.sigmas.end(), [&](double sigma) { return sigma <= 1.01 * final_sigma; });
  std::vector<double> sigmas(s.sigmas.begin(), below);
  sigmas.push_back(std::min(final_sigma, sigmas.back()));
  return sigmas;
}

/// The factor of the latents that diffusers decodes: sqrt(alpha_bar) x, alpha_bar = 1 / (1 + sigma^2).
inline double scale_at(double sigma) {
  return 1 / std::sqrt(1 + sigma * sigma);
}

/// The factor of x after step i over `sigmas`: scale_at for the last step, 1 before it.
inline double end_scale(std::span<const double> sigmas, size_t i) {
  return i + 2 == sigmas.size() ? scale_at(sigmas.back()) : 1;
}

inline void scale_from(double final_sigma, Latents& x) {
  if (final_sigma > 0) x = scale_at(final_sigma) * x;
}

}  // namespace calotype
