#pragma once
#include <calotype/sampler.h>

#include <algorithm>
#include <cmath>
#include <vector>

/// The end of walks that leave the least noise of the training in, as some of diffusers' do.
namespace calotype {

inline constexpr Setting kFinalSigma =
    number("final_sigma", 0, 0, 1,
           "noise left at the end, in latents scaled as diffusers', which leaves 0.02916753 of SDXL's");

/// The noise levels of the walk, whose last is what kFinalSigma says, but no step up.
inline std::vector<double> to_final_sigma(const Sampling& s) {
  std::vector<double> sigmas(s.sigmas.begin(), s.sigmas.end());
  sigmas.back() = std::min(s.settings[kFinalSigma], sigmas[sigmas.size() - 2]);
  return sigmas;
}

/// What diffusers decodes at that end: sqrt(alpha_bar) x, alpha_bar = 1 / (1 + sigma^2).
inline void scale_from(double final_sigma, Latents& x) {
  if (final_sigma > 0) x = x / std::sqrt(1 + final_sigma * final_sigma);
}

}  // namespace calotype
