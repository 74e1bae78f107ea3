// iPNDM for uneven steps: ipndm with weights from the lengths of the last steps. One model evaluation a step; good at 8
// to 20 steps. Not for strong guidance.
//
//   d_j = (x_j - D(x_j; sigma_j)) / sigma_j,   h = sigma' - sigma,   h1, h2, h3: the steps before
//   a = h1/h2,   b = h1 (h1+h2) / (h2 (h2+h3))
//   first  = d_i - d_(i-1),   second = d_i - (1 + a) d_(i-1) + a d_(i-2)
//   third  = d_i - (1 + a + b) d_(i-1) + (a + b (1 + h2/h3)) d_(i-2) - a b d_(i-3)
//   x' = x + h (d_i + h/(2 h1) first + t1 second + t2 third),   t1 = (1 - h^2 / (3 h1 (h1+h2))) / 2
//   t2 = ((1 - h / (3 (h+h1))) / 2 + (1 - h / (2 (h+h1))) h / (6 (h+h1+h2)))
//        h (h+h1) (h+h1+h2) / (h1 (h1+h2) (h1+h2+h3))
//
// The last step, to 0, is x' = D. Zhang, Chen 2022, section 4, arXiv:2204.13902; the formulas are those of Zhou et
// al.'s diff-sampler, as in ComfyUI. With equal steps they are Adams and Bashforth's. With uneven steps t1 and the last
// weight of `third` are not exact, which costs the fourth order but shows in no image; lms has exact weights.
//
// ipndm_v@forge uses its weights in the last step too. So does ipndm_v@stable-diffusion.cpp, which has the weights of
// equal steps from the third slope on.
#include "samplers/slopes.h"
#include "samplers/variant.h"

namespace {
using namespace calotype;

constexpr Info kInfo{
    .id = "ipndm_v",
    .label = "iPNDM_v",
    .summary = "four past slopes with weights for uneven steps, one evaluation a step; not for strong guidance",
    .citation = "Zhang, Chen 2022, section 4, arXiv:2204.13902",
    .origin = "ComfyUI",
    .category = "Basic",
    .best_for = "8 to 20 steps without strong guidance",
    .steps = {8, 30},
    .pairs_with = "karras",
    .order = 2,
    .evaluations = {1, 0}};
constexpr Info kSdCpp = variant(kInfo, "ipndm_v@stable-diffusion.cpp", "iPNDM_v (sd.cpp)",
                                "ipndm with weights for uneven steps in its second step; not for strong guidance");
constexpr Info kForge = variant(kInfo, "ipndm_v@forge", "iPNDM_v (Forge)",
                                "ipndm_v with past slopes in the last step too; not for strong guidance");

SlopeWeights weights(std::span<const double> sigmas, int i) {
  const auto step = [&](int back) { return back > i ? 0 : sigmas[i - back + 1] - sigmas[i - back]; };
  const double h = step(0), h1 = step(1), h2 = step(2), h3 = step(3);
  SlopeWeights w{h};
  const auto add = [&](double t, const SlopeWeights& difference) {
    for (int k = 0; k < kMostSlopes; ++k) w[k] += h * t * difference[k];
  };
  if (i >= 1) add(h / (2 * h1), {1, -1});
  if (i < 2) return w;
  const double a = h1 / h2, h012 = h + h1 + h2;
  add((1 - h * h / (3 * h1 * (h1 + h2))) / 2, {1, -1 - a, a});
  if (i < 3) return w;
  const double b = h1 * (h1 + h2) / (h2 * (h2 + h3));
  const double t2 = ((1 - h / (3 * (h + h1))) / 2 + (1 - h / (2 * (h + h1))) * h / (6 * h012)) * h * (h + h1) * h012 /
                    (h1 * (h1 + h2) * (h1 + h2 + h3));
  add(t2, {1, -1 - a - b, a + b * (1 + h2 / h3), -a * b});
  return w;
}

void ipndm_v(const Sampling& s, Latents& x) {
  solve_by_slopes(s, x, [&](int i) { return weights(s.sigmas, i); });
}
void ipndm_v_forge(const Sampling& s, Latents& x) {
  solve_by_slopes(s, x, [&](int i) { return weights(s.sigmas, i); }, LastStep::is_as_others);
}
void ipndm_v_sd_cpp(const Sampling& s, Latents& x) {
  const auto one = [&](int i) {
    return i == 1 ? weights(s.sigmas, i) : adams_bashforth(s.sigmas[i + 1] - s.sigmas[i], i + 1);
  };
  solve_by_slopes(s, x, one, LastStep::is_as_others);
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, ipndm_v);
CALOTYPE_SAMPLER_ENTRY(kSdCpp, ipndm_v_sd_cpp);
CALOTYPE_SAMPLER_ENTRY(kForge, ipndm_v_forge);
