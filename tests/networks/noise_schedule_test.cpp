#include "networks/layouts/noise_schedule.h"

#include <calotype/error.h>
#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "networks/files/model_config.h"

using namespace calotype::networks;

namespace {

/// Relative error.
double error(double ours, double theirs) {
  return std::abs(ours / theirs - 1);
}

NoiseSchedule read(const std::string& json) {
  return read_noise_schedule(ModelConfig::parse(json, "s.json"));
}

std::string error_of(const std::string& json) {
  try {
    (void)training_sigmas(read(json), "s.json");
  } catch (const calotype::Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("noise schedule: SDXL's levels are those of diffusers' alphas_cumprod, to the last bit") {
  const auto table = nlohmann::json::parse(std::ifstream(CALOTYPE_TEST_DATA "/goldens/schedules.json"));
  const auto sigmas = training_sigmas(NoiseSchedule{}, "defaults");
  REQUIRE(sigmas.size() == table["alphas_cumprod"].size());
  int equal = 0;
  for (size_t t = 0; t < sigmas.size(); ++t) {
    const double alpha = table["alphas_cumprod"][t];
    equal += sigmas[t] == std::sqrt((1 - alpha) / alpha);
  }
  CHECK(equal == 1000);
  CHECK(error(sigmas.front(), table["sigma_min"]) < 1e-12);
  CHECK(error(sigmas.back(), table["sigma_max"]) < 1e-12);
}

TEST_CASE("noise schedule: zero terminal SNR gives the levels of diffusers, 4096 the largest") {
  // of the run "v_prediction_zero_snr" in goldens/images.json: whole timesteps, because its spacing is trailing
  const std::pair<size_t, double> levels[] = {{999, 4096.0},
                                              {874, 13.76632308959961},
                                              {749, 5.398740768432617},
                                              {624, 2.896190881729126},
                                              {499, 1.7680810689926147},
                                              {374, 1.1383763551712036},
                                              {249, 0.727056086063385},
                                              {124, 0.4137270450592041}};
  const auto sigmas = training_sigmas(read(R"({"rescale_betas_zero_snr":true})"), "");
  for (const auto& [timestep, sigma] : levels) CHECK(error(sigmas[timestep], sigma) < 1e-6);
}

TEST_CASE("noise schedule: linear, cosine and given betas follow their formulas") {
  const auto first = [](const NoiseSchedule& s) { return training_sigmas(s, "").front(); };
  CHECK(error(first({.beta_schedule = "linear"}), std::sqrt(0.00085 / 0.99915)) < 1e-4);
  const double bar = std::pow(std::cos((1e-3 + 0.008) / 1.008 * M_PI_2) / std::cos(0.008 / 1.008 * M_PI_2), 2);
  CHECK(error(first({.beta_schedule = "squaredcos_cap_v2"}), std::sqrt((1 - bar) / bar)) < 1e-3);
  const auto given = training_sigmas(read(R"({"trained_betas":[0.5,0.5]})"), "");
  CHECK(given == std::vector<double>{1, std::sqrt(3)});
}

TEST_CASE("noise schedule: every schedule rises, with zero SNR and without") {
  for (const char* name : {"scaled_linear", "linear", "squaredcos_cap_v2"})
    for (const bool zero : {false, true})
      for (const int count : {2, 10, 1000}) {
        CAPTURE(name);
        CHECK(training_sigmas({.beta_schedule = name, .timesteps = count, .zero_terminal_snr = zero}, "").size() ==
              size_t(count));
      }
}

TEST_CASE("noise schedule: absent and null keys have SDXL's values") {
  CHECK(training_sigmas(read("{}"), "") == training_sigmas(NoiseSchedule{}, ""));
  CHECK(read(R"({"prediction_type":"v_prediction"})").prediction == "v_prediction");
  CHECK(training_sigmas(read(R"({"trained_betas":null,"beta_start":null})"), "") ==
        training_sigmas(NoiseSchedule{}, ""));
}

TEST_CASE("noise schedule: a config that cannot be followed is refused") {
  CHECK(error_of(R"({"beta_schedule":"sigmoid"})") ==
        R"(s.json: "beta_schedule": want scaled_linear, linear or squaredcos_cap_v2, got "sigmoid")");
  CHECK(error_of(R"({"prediction_type":"sample"})") ==
        R"(s.json: "prediction_type": want epsilon or v_prediction, got "sample")");
  CHECK(error_of(R"({"_class_name":"FlowMatchEulerDiscreteScheduler"})") ==
        R"(s.json: "_class_name": want a scheduler of discrete training timesteps, as )"
        R"(EulerDiscreteScheduler, got "FlowMatchEulerDiscreteScheduler")");
  CHECK(error_of(R"({"num_train_timesteps":1})") ==
        R"(s.json: "num_train_timesteps": want whole numbers from 2 to 100000, got 1)");
  CHECK(error_of(R"({"num_train_timesteps":1000.5})") ==
        R"(s.json: "num_train_timesteps": want whole numbers from 2 to 100000, got 1000.5)");
  CHECK(error_of(R"({"beta_end":2})") == R"(s.json: "beta_end": want numbers from 1e-08 to 0.999, got 2)");
  CHECK(error_of(R"({"beta_end":"x"})") == R"(s.json: "beta_end": want numbers from 1e-08 to 0.999, got "x")");
  CHECK(error_of(R"({"trained_betas":[0.1]})") == R"(s.json: "trained_betas": want at least two numbers, got [0.1])");
  CHECK(error_of(R"({"rescale_betas_zero_snr":1})") ==
        R"(s.json: "rescale_betas_zero_snr": want true or false, got 1)");
}

TEST_CASE("model config: JSON that is none, or hostile, is refused") {
  CHECK(error_of("{") == "s.json: want one JSON object, got none at byte 2");
  CHECK(error_of("[]") == "s.json: want a JSON object, got array");
  CHECK(error_of(R"({"a":1,"a":2})") == R"(s.json: key "a": want it once, got it twice)");
  CHECK(error_of(R"({"a":)" + std::string(100'000, '[')) ==
        "s.json: nested too deeply: want at most 64 levels, got more");
  std::string many = R"({"a":[0)";
  for (int i = 0; i < 1'000'000; ++i) many += ",0";
  CHECK(error_of(many + "]}") == "s.json: too many values: want at most 1000000, got more");
  CHECK(error_of(std::string("{}\0x", 4)) == "s.json: want JSON text, got a zero byte");
}
