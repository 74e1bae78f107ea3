// Timesteps at the quantiles of a beta distribution: many steps at high sigmas and at low sigmas, few between. Not for
// few steps.
//
//   u_i = 1 - i/n,   t_i = round((T-1) I^-1(u_i; alpha, beta)),   sigma_i = S[t_i],   i = 0 .. n-1;   sigma_n = 0
//
// I^-1: the inverse of the regularized incomplete beta function; S: the model's T training sigmas. Half rounds to even.
// Lee, Lee, Gye, Kim 2024, "Beta Sampling is All You Need", arXiv:2407.12173. Departure: ComfyUI drops a timestep that
// occurs twice and so makes fewer steps than asked for; here that is an error. AUTOMATIC1111 and diffusers call another
// formula beta, with quantiles of sigma instead of timesteps. It is `formula: sigmas`, or beta@a1111:
//
//   u_i = 1 - i/(n-1),   sigma_i = sigma_min + I^-1(u_i; alpha, beta) (sigma_max - sigma_min)
#include "schedulers/falling.h"
#include "schedulers/inverse_beta.h"
#include "schedulers/sigma_range.h"
#include "schedulers/variant.h"

namespace {
using namespace calotype;

constexpr Setting kAlpha = number("alpha", 0.6, 0.1, 20, "a smaller alpha makes more steps at low sigmas");
constexpr Setting kBeta = number("beta", 0.6, 0.1, 20, "a smaller beta makes more steps at high sigmas");
constexpr Setting kFormula =
    choice("formula", "timesteps", "timesteps|sigmas",
           "timesteps: as in the paper and ComfyUI; sigmas: as in AUTOMATIC1111 and diffusers");

constexpr Info kInfo{.id = "beta",
                     .aliases = {"beta_schedule"},
                     .label = "Beta",
                     .summary = "many steps at high and at low sigmas, few between: skin and faces; not for few steps",
                     .citation = "Lee et al. 2024, arXiv:2407.12173",
                     .origin = "ComfyUI",
                     .category = "Specialized",
                     .best_for = "portraits",
                     .steps = {35, 50},
                     .pairs_with = "dpmpp_2m",
                     .settings = {kAlpha, kBeta, kFormula, kSigmaMin, kSigmaMax, kRange}};

constexpr Info kBeta57 =
    from(variant(kInfo, "beta57", "",
                 "beta with alpha 0.5 and beta 0.7, as RES4LYF: more steps at low sigmas; not for few steps",
                 defaulting(kAlpha, 0.5), defaulting(kBeta, 0.7)),
         "RES4LYF");
constexpr Info kA1111 =
    variant(kInfo, "beta@a1111", "beta@diffusers",
            "quantiles of sigma, where ComfyUI's are of timesteps: many steps at high sigmas; not for detail",
            defaulting(kFormula, "sigmas"));
constexpr Info kLeading =
    variant(kInfo, "beta@diffusers-leading", "",
            "beta@a1111 from the first sigma of leading timesteps, as diffusers' Euler; not for dark or "
            "bright images",
            defaulting(kFormula, "sigmas"), defaulting(kRange, "leading"));
constexpr Info kTrailing =
    variant(kInfo, "beta@diffusers-trailing", "",
            "beta@a1111 to the last sigma of trailing timesteps, as diffusers' Euler; not for few steps",
            defaulting(kFormula, "sigmas"), defaulting(kRange, "trailing"));

std::vector<double> by_timesteps(int steps, const ModelSigmas& levels, double alpha, double beta) {
  return falling_to_zero(
      steps,
      [&](int i, int n) {
        const double t = (levels.count() - 1) * inverse_beta(1 - i * (1.0 / n), alpha, beta);
        return levels.sigmas()[size_t(std::nearbyint(t))];
      },
      "with more, the beta distribution chooses some timestep twice");
}

std::vector<double> by_sigmas(int steps, const ModelSigmas& levels, const Settings& settings, double alpha,
                              double beta) {
  return falling_to_zero(
      steps,
      [&](int i, int n) {
        const auto [min, max] = chosen_range(n, levels, settings);
        return min + inverse_beta(n == 1 ? 1 : 1 - double(i) / (n - 1), alpha, beta) * (max - min);
      },
      "with more, the beta distribution chooses some sigma twice");
}

std::vector<double> beta(int steps, const ModelSigmas& levels, const Settings& settings) {
  const double a = settings[kAlpha], b = settings[kBeta];
  if (settings.text(kFormula) == "sigmas") return by_sigmas(steps, levels, settings, a, b);
  if (settings.has(kSigmaMin) || settings.has(kSigmaMax) || settings.text(kRange) != "model")
    throw Error("sigma_min, sigma_max and range belong to formula \"sigmas\", got formula \"timesteps\"");
  return by_timesteps(steps, levels, a, b);
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, beta);
CALOTYPE_SCHEDULER_ENTRY(kBeta57, beta);
CALOTYPE_SCHEDULER_ENTRY(kA1111, beta);
CALOTYPE_SCHEDULER_ENTRY(kLeading, beta);
CALOTYPE_SCHEDULER_ENTRY(kTrailing, beta);
