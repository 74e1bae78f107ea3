#pragma once
#include <optional>
#include <string>
#include <vector>

namespace calotype::networks {

class ModelConfig;

/// Sigmas without timesteps, and the inputs and outputs scaled around them: Karras et al. 2022, table 1,
/// arXiv:2206.00364.
struct Edm {
  double sigma_min = 0.002, sigma_max = 80;
  double sigma_data = 0.5;  ///< deviation of the latents that it was trained on
};

/// What a model was trained to predict, and on which sigmas. The defaults are SDXL's.
struct NoiseSchedule {
  std::string beta_schedule = "scaled_linear";  ///< or "linear", "squaredcos_cap_v2"; not used with trained_betas
  double beta_start = 0.00085, beta_end = 0.012;
  int timesteps = 1000;
  std::vector<double> trained_betas{};
  bool zero_terminal_snr = false;      ///< Lin et al. 2023, algorithm 1, arXiv:2305.08891; the last sigma becomes 4096
  std::string prediction = "epsilon";  ///< or "v_prediction"
  std::optional<Edm> edm{};            ///< then none of the betas is used
};

/// Reads scheduler_config.json as diffusers writes it; absent keys have SDXL's values. Throws Error (bad_data).
NoiseSchedule read_noise_schedule(const ModelConfig& config);

/// sigma of each training timestep, rising. Computed in the precision that diffusers computes it in, betas and their
/// product being float32, because the smallest sigma comes from 1 - 0.99915: in double it would differ by 1e-5. With
/// `edm`: 1000 levels, evenly spaced in the logarithm, which stand for the range between. `where` begins the error
/// (bad_data) thrown when the levels do not rise.
std::vector<double> training_sigmas(const NoiseSchedule& schedule, const std::string& where);

}  // namespace calotype::networks
