#pragma once
#include <calotype/sampler.h>

#include "renamed.h"

/// What samplers that add noise at every step share.
namespace calotype {

inline constexpr Setting kEta =
    number("eta", 1, 0, 10, "part of the noise that each step replaces: 0 none, 1 as much as DDPM");
/// For methods that add no noise by default.
inline constexpr Setting kEtaOfNone =
    number("eta", 0, 0, 1, "part of the noise that each step replaces: 0 none, 1 as much as DDPM");
inline constexpr Setting kNoise =
    number("s_noise", 1, 0, 10, "standard deviation of the new noise; a little above 1 adds texture");

/// Noise for the step to sigma_next; empty if its coefficient is 0, so that no noise is sampled in vain.
inline Latents noise_for(double coefficient, const Sampling& s, double sigma, double sigma_next) {
  return coefficient == 0 ? Latents() : s.noise(sigma, sigma_next);
}

/// The same entry under the name that other programs use if the noise is generated on the GPU. Here the device of the
/// noise is a setting of the run, and both names give the same image.
consteval Info on_gpu(Info info, std::string_view id, std::string_view summary, bool recommended = false) {
  info = renamed(info, id, summary);
  info.recommended = recommended;
  info.origin = "ComfyUI";
  return info;
}

}  // namespace calotype
