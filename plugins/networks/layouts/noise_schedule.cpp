#include "networks/layouts/noise_schedule.h"

#include <calotype/error.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "networks/files/model_config.h"

namespace calotype::networks {
namespace {

using Floats = std::vector<float>;

/// torch.linspace in float32: from either end to the middle.
Floats linspace(double start, double end, int n) {
  const auto a = float(start), b = float(end);
  const float step = n > 1 ? (b - a) / float(n - 1) : 0;
  Floats x(static_cast<size_t>(n));
  for (int i = 0; i < n; ++i)
    x[size_t(i)] = i < n / 2 ? std::fma(step, float(i), a) : std::fma(-step, float(n - i - 1), b);
  return x;
}

/// Nichol & Dhariwal 2021, equation 17, with beta at most 0.999.
Floats cosine_betas(int n) {
  const auto alpha_bar = [](double t) {
    const double c = std::cos((t + 0.008) / 1.008 * std::numbers::pi / 2);
    return c * c;
  };
  Floats betas;
  for (int i = 0; i < n; ++i)
    betas.push_back(float(std::min(1 - alpha_bar(double(i + 1) / n) / alpha_bar(double(i) / n), 0.999)));
  return betas;
}

Floats betas_of(const NoiseSchedule& s) {
  if (!s.trained_betas.empty()) return {s.trained_betas.begin(), s.trained_betas.end()};
  if (s.beta_schedule == "squaredcos_cap_v2") return cosine_betas(s.timesteps);
  if (s.beta_schedule == "linear") return linspace(s.beta_start, s.beta_end, s.timesteps);
  Floats betas = linspace(std::sqrt(s.beta_start), std::sqrt(s.beta_end), s.timesteps);
  for (float& b : betas) b *= b;
  return betas;
}

Floats cumulative_product(const Floats& alphas) {
  Floats products;
  double product = 1;
  for (const float alpha : alphas) products.push_back(float(product *= alpha));
  return products;
}

/// Shifts sqrt(alpha_bar) so that its last value is 0 and its first stays, and gives the alphas of that.
Floats rescale_to_zero_snr(const Floats& alphas) {
  Floats bar = cumulative_product(alphas);
  for (float& a : bar) a = std::sqrt(a);
  const float first = bar.front(), last = bar.back();
  for (float& a : bar) {
    a = (a - last) * (first / (first - last));
    a *= a;
  }
  Floats out{bar.front()};
  for (size_t i = 1; i < bar.size(); ++i) out.push_back(1 - (1 - bar[i] / bar[i - 1]));
  return out;
}

constexpr double kLargestSigma = 1e6;

Edm read_edm(const ModelConfig& config) {
  Edm edm;
  edm.sigma_min = config.number("sigma_min", edm.sigma_min, 1e-6, kLargestSigma);
  edm.sigma_max = config.number("sigma_max", edm.sigma_max, edm.sigma_min, kLargestSigma);
  edm.sigma_data = config.number("sigma_data", edm.sigma_data, 1e-6, kLargestSigma);
  return edm;
}

std::vector<double> edm_sigmas(const Edm& edm, const std::string& where) {
  constexpr int kLevels = 1000;
  if (!(edm.sigma_min > 0) || !(edm.sigma_max > edm.sigma_min) || !std::isfinite(edm.sigma_max))
    throw Error(ErrorCode::bad_data, where + ": sigmas: want a range above 0, got " + std::to_string(edm.sigma_min) +
                                         " to " + std::to_string(edm.sigma_max));
  std::vector<double> sigmas(kLevels);
  for (int i = 0; i < kLevels; ++i)
    sigmas[size_t(i)] = edm.sigma_min * std::pow(edm.sigma_max / edm.sigma_min, double(i) / (kLevels - 1));
  sigmas.back() = edm.sigma_max;
  return sigmas;
}

}  // namespace

NoiseSchedule read_noise_schedule(const ModelConfig& config) {
  NoiseSchedule s;
  const std::string kind = config.text("_class_name", "EulerDiscreteScheduler");
  if (kind.starts_with("FlowMatch") || kind.starts_with("Cosine"))
    config.fail("_class_name", "a scheduler of discrete training timesteps, as EulerDiscreteScheduler");
  for (const char* key : {"use_flow_sigmas", "use_dynamic_shifting"})
    if (config.boolean(key, false)) config.fail(key, "false, as SDXL's networks are of no flow");
  if (config.text("timestep_type", "discrete") != "discrete") config.fail("timestep_type", "\"discrete\"");
  if (kind.starts_with("EDM")) s.edm = read_edm(config);
  s.beta_schedule = config.text("beta_schedule", s.beta_schedule);
  if (s.beta_schedule != "scaled_linear" && s.beta_schedule != "linear" && s.beta_schedule != "squaredcos_cap_v2")
    config.fail("beta_schedule", "scaled_linear, linear or squaredcos_cap_v2");
  s.beta_start = config.number("beta_start", s.beta_start, 1e-8, 0.999);
  s.beta_end = config.number("beta_end", s.beta_end, 1e-8, 0.999);
  s.timesteps = config.integer("num_train_timesteps", s.timesteps, 2, 100'000);
  s.trained_betas = config.numbers("trained_betas", 1e-8, 0.9999);
  if (s.trained_betas.size() == 1) config.fail("trained_betas", "at least two numbers");
  s.zero_terminal_snr = config.boolean("rescale_betas_zero_snr", false);
  s.prediction = config.text("prediction_type", s.prediction);
  if (s.prediction != "epsilon" && s.prediction != "v_prediction")
    config.fail("prediction_type", "epsilon or v_prediction");
  return s;
}

std::vector<double> training_sigmas(const NoiseSchedule& schedule, const std::string& where) {
  if (schedule.edm) return edm_sigmas(*schedule.edm, where);
  Floats alphas = betas_of(schedule);
  for (float& x : alphas) x = 1 - x;
  if (schedule.zero_terminal_snr) alphas = rescale_to_zero_snr(alphas);
  Floats bar = cumulative_product(alphas);
  if (schedule.zero_terminal_snr) bar.back() = 0x1p-24f;
  std::vector<double> sigmas;
  for (const double a : bar) {
    const double sigma = std::sqrt((1 - a) / a);
    if (!std::isfinite(sigma) || sigma <= (sigmas.empty() ? 0 : sigmas.back()))
      throw Error(ErrorCode::bad_data, where + ": sigmas of the betas: want levels that rise, got " +
                                           std::to_string(sigma) + " at timestep " + std::to_string(sigmas.size()));
    sigmas.push_back(sigma);
  }
  return sigmas;
}

}  // namespace calotype::networks
