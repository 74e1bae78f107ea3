// SA-Solver: Adams' multistep methods for the SDE of diffusion. Each step is predicted from the last denoised and
// corrected by the next. High order from one model evaluation a step; sa_solver_pece evaluates the model again after
// each correction. Not for 5 steps or fewer.
//
//   a = 1 + tau^2,   h = ln(sigma / sigma'),   b_j = a int_(-h)^0 e^(a u) l_j(u) du,   u = ln(sigma' / s) for a sigma s
//   x' = sigma'/sigma e^(-tau^2 h) x + sum_j b_j D_j + sigma' sqrt(1 - e^(-2 tau^2 h)) s_noise z,   z ~ N(0, 1)
//
// l_j is Lagrange's polynomial for D_j among the last `predictor_order` ones. The correction uses the last
// `corrector_order` ones, D(x') included, with the same noise. tau is eta in a window of the schedule, 0 outside: in
// percent of the model's training, at the sigma that a step reaches. With simple_order_2, the b of two D are those of
// appendix D. Orders fall towards the last step, which is D. sa_solver@diffusers has tau at the sigma that a step
// leaves and other defaults; it also samples noise where tau is 0 and does not use it.
//
// Xue, Yi, Luo et al. 2023, "SA-Solver", algorithm 1, eq. 14 to 18, arXiv:2309.05019.
#include "samplers/stochastic/sa_step.h"
#include "samplers/timesteps.h"
#include "samplers/variant.h"

namespace {
using namespace calotype;

constexpr Setting kPredictor =
    integer("predictor_order", 3, 1, kMostPredictions, "number of predictions in the predictor");
constexpr Setting kCorrector =
    integer("corrector_order", 4, 0, kMostPredictions, "number of predictions in the corrector; 0: no corrector");
constexpr Setting kSimple = boolean("simple_order_2", false, "simpler coefficients if there are two predictions");
constexpr Setting kStart = number("sde_start_percent", 0.2, 0, 1, "where noise starts; 0 is the model's largest sigma");
constexpr Setting kEnd = number("sde_end_percent", 0.8, 0, 1, "where noise ends; 1 is the end");

consteval Setting with_default(Setting setting, double value) {
  setting.value = value;
  return setting;
}
constexpr Setting kPredictor2 = with_default(kPredictor, 2), kCorrector2 = with_default(kCorrector, 2),
                  kSimple2 = with_default(kSimple, true),
                  kStart2 = with_default(kStart, 0.199);  // timestep 800, that of 0.8 is 200

constexpr Info kInfo{
    .id = "sa_solver",
    .label = "SA-Solver",
    .summary = "high order with noise in the middle of the pass; not for strong guidance below 30 steps",
    .citation = "Xue et al. 2023, algorithm 1, arXiv:2309.05019",
    .origin = "ComfyUI",
    .category = "Texture",
    .best_for = "texture at 30 steps and more",
    .steps = {20, 50},
    .pairs_with = "karras",
    .order = 3,
    .evaluations = {1, 0},
    .settings = {kEta, kNoise, kPredictor, kCorrector, kSimple, kStart, kEnd}};

consteval Info pece_info() {
  Info info = variant(kInfo, "sa_solver_pece", "SA-Solver PECE",
                      "sa_solver with a second model evaluation after each correction; not where speed matters");
  info.evaluations[0] = 2, info.evaluations[1] = -1;
  return info;
}
constexpr Info kPece = pece_info();
consteval Info of_diffusers() {
  Info info = variant(kInfo, "sa_solver@diffusers", "SA-Solver",
                      "sa_solver of orders 2 and 2, as diffusers; not for strong guidance below 30 steps");
  const Setting settings[] = {kEta, kNoise, kPredictor2, kCorrector2, kSimple2, kStart2, kEnd};
  std::copy(std::begin(settings), std::end(settings), info.settings);
  info.order = 2;
  return info;
}
constexpr Info kDiffusers = of_diffusers();

void sa_solver(const Sampling& s, Latents& x, bool is_pece, bool is_diffusers) {
  const int last = s.steps() - 1, more = is_diffusers ? 1 : 0;
  const int predictor = s.settings.integer(kPredictor), corrector = s.settings.integer(kCorrector);
  const bool is_simple = s.settings.is_on(kSimple);
  const TrainedTimesteps trained;
  const auto level = [&](double percent) { return trained.sigma((1 - percent) * trained.kLast); };
  // a sigma that a schedule has in float32 also counts as the window's end: sgm_uniform meets both in 5, 10, ... steps
  constexpr double kRounding = 1e-6;
  const double highest = s.settings[kStart] > 0 ? level(s.settings[kStart]) * (1 + kRounding) : kUnbounded;
  const double lowest = s.settings[kEnd] < 1 ? level(s.settings[kEnd]) * (1 - kRounding) : 0;

  Latents before, noise;                    // x at the start of the last prediction, and its noise
  std::array<Latents, kMostPredictions> d;  // newest first
  const auto pass = [&](const SaStep& step) {
    x = step.x * before + step.d[0] * d[0] + step.d[1] * d[1] + step.d[2] * d[2] + step.d[3] * d[3] + step.d[4] * d[4] +
        step.d[5] * d[5] + step.noise * noise;
  };
  double tau = 0;
  for (int i = 0; i <= last; ++i) {
    std::rotate(d.begin(), d.end() - 1, d.end());
    d[0] = s.denoise(x, s.sigmas[i]);
    const int corrects = i == 0 || (i == last && !is_pece) ? 0 : std::min({corrector, i + 1, last + 1 - i + 2 * more});
    if (corrects > 0) {
      pass(SaStep(s, i - 1, i, corrects, tau, is_simple));
      if (is_pece) d[0] = s.denoise(x, s.sigmas[i]);
    }
    if (i == last) break;
    const double at = s.sigmas[is_diffusers ? i : i + 1];
    tau = at <= highest && at >= lowest ? s.settings[kEta] : 0;
    const SaStep step(s, i, i, std::min({predictor, i + 1, last - i + more}), tau, is_simple);
    noise =
        noise_for(is_diffusers ? s.settings[kEta] * s.settings[kNoise] : step.noise, s, s.sigmas[i], s.sigmas[i + 1]);
    std::swap(before, x);
    pass(step);
  }
  x = std::move(d[0]);
}

void pec(const Sampling& s, Latents& x) {
  sa_solver(s, x, false, false);
}
void pece(const Sampling& s, Latents& x) {
  sa_solver(s, x, true, false);
}
void pec_of_diffusers(const Sampling& s, Latents& x) {
  sa_solver(s, x, false, true);
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, pec);
CALOTYPE_SAMPLER_ENTRY(kPece, pece);
CALOTYPE_SAMPLER_ENTRY(kDiffusers, pec_of_diffusers);
