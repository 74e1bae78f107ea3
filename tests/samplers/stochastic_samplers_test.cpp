#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "plugins/samplers/timesteps.h"
#include "tier1.h"

using namespace tier1;

namespace {

const Library& library() {
  static const Library loaded("samplers");
  return loaded;
}

/// Data of which the exact denoiser is known: a mixture of Gaussians of one deviation.
struct Mixture {
  std::vector<double> means, weights;
  double deviation;

  double denoise(double x, double sigma) const {
    const double d = deviation * deviation, v = d + sigma * sigma;
    double logits[4], highest = -INFINITY, sum = 0, clean = 0;
    for (size_t k = 0; k < means.size(); ++k) {
      logits[k] = std::log(weights[k]) - (x - means[k]) * (x - means[k]) / (2 * v);
      highest = std::max(highest, logits[k]);
    }
    for (size_t k = 0; k < means.size(); ++k) {
      const double p = std::exp(logits[k] - highest);
      sum += p;
      clean += p * (d * x + sigma * sigma * means[k]) / v;
    }
    return clean / sum;
  }
  double mean() const {
    double sum = 0;
    for (size_t k = 0; k < means.size(); ++k) sum += weights[k] * means[k];
    return sum;
  }
  /// Of order n, about the mean.
  double moment(int n) const {
    const double d = deviation * deviation;
    double sum = 0;
    for (size_t k = 0; k < means.size(); ++k) {
      const double a = means[k] - mean(), a2 = a * a;
      sum += weights[k] * (n == 2 ? a2 + d : a2 * a2 + 6 * a2 * d + 3 * d * d);
    }
    return sum;
  }
};
const Mixture kThree{{-1, 0.25, 2}, {0.5, 0.2, 0.3}, 0.3}, kOne{{0.7}, {1}, 0.5};

/// Where the probability flow ODE of kOne takes x from sigma to 0.
double exact(double x, double sigma) {
  return 0.7 + (x - 0.7) * 0.5 / std::hypot(0.5, sigma);
}

std::vector<double> exponential(int n, double highest, double lowest) {
  std::vector<double> sigmas;
  for (int i = 0; i < n; ++i) sigmas.push_back(highest * std::pow(lowest / highest, double(i) / (n - 1)));
  sigmas.push_back(0);
  return sigmas;
}

/// How often the error halves when the steps double, on data with an exact solution.
double order_of(const std::string& id, const json& given, int steps, double highest = 10) {
  const auto error = [&](int n) {
    VectorHost host;
    host.denoiser = [](double x, double sigma) { return kOne.denoise(x, sigma); };
    return std::abs(host.sample(library(), id, exponential(n, highest, 1e-6), {12}, given)[0] - exact(12, highest));
  };
  return std::log2(error(steps) / error(2 * steps));
}

double difference(const Values& a, const Values& b) {
  REQUIRE(a.size() == b.size());
  double worst = 0;
  for (size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  return worst;
}

/// The noise of the golden runs: sample k, element j.
Values given_noise(int k) {
  Values z(8);
  for (int j = 0; j < 8; ++j) z[j] = 1.4 * std::sin(12.9898 * k + 78.233 * j + 1);
  return z;
}

/// All golden runs of `id`, by that entry or the one that is given: the image, and x before the last step where the
/// peer ends elsewhere.
void check_goldens(const std::string& id, int wanted_runs, const std::string& entry = "", double tolerance = 1e-9) {
  static const json runs = json::parse(read_file(CALOTYPE_TEST_DATA "/stochastic_samplers/stochastic_samplers.json"));
  int compared = 0;
  for (const json& run : runs) {
    if (run["id"] != id) continue;
    CAPTURE(run["given"].dump());
    const std::vector<double> sigmas = run["sigmas"];
    CAPTURE(sigmas.size());
    Values x(8);
    for (int j = 0; j < 8; ++j) x[j] = (-2 + 4.0 * j / 7) * sigmas[0];
    VectorHost host;
    Values last;
    int asked = 0;
    host.denoiser = [&](double x, double sigma) {
      last.resize(8);
      last[asked++ % 8] = x;
      return kThree.denoise(x, sigma);
    };
    host.unconditional = [](double x, double sigma) { return kOne.denoise(x, sigma); };
    host.noise = [&](double, double) { return given_noise(host.noises - 1); };
    json given = run["given"];
    if (given.contains("ge_gamma")) given = {{"gamma", given["ge_gamma"]}};
    const Values y = host.sample(library(), entry.empty() ? id : entry, sigmas, x, given);
    if (run["y"].is_array()) CHECK(difference(y, run["y"]) <= tolerance);
    if (run.contains("last")) CHECK(difference(last, run["last"]) <= tolerance);
    CHECK(host.model_evaluations == run["model_calls"]);
    ++compared;
  }
  CHECK(compared == wanted_runs);
}

}  // namespace

TEST_CASE("stochastic samplers: ComfyUI's numbers") {
  check_goldens("ddpm", 14);  // diffusers' among them, with either variance
  check_goldens("lcm", 4);
  check_goldens("seeds_2", 20);
  check_goldens("seeds_3", 16);
  check_goldens("exp_heun_2_x0_sde", 16);
  check_goldens("sa_solver", 20);
  check_goldens("sa_solver_pece", 20);
  check_goldens("res_multistep_ancestral", 12);
  check_goldens("dpmpp_2m_sde_heun", 12);
}
TEST_CASE("dpmpp_2m_sde_heun_gpu: the solver of dpmpp_2m_sde_heun") {
  check_goldens("dpmpp_2m_sde_heun", 12, "dpmpp_2m_sde_heun_gpu");
}
TEST_CASE("er_sde: ComfyUI's numbers, whose sums are in float32") {
  check_goldens("er_sde", 18, "er_sde", 1e-7);
}
TEST_CASE("samplers of CFG++: ComfyUI's numbers") {
  check_goldens("euler_ancestral_cfg_pp", 12);
  check_goldens("dpmpp_2m_cfg_pp", 4);
  check_goldens("dpmpp_2s_ancestral_cfg_pp", 12);
  check_goldens("res_multistep_cfg_pp", 4);
  check_goldens("res_multistep_ancestral_cfg_pp", 12);
  check_goldens("gradient_estimation_cfg_pp", 8);
}
TEST_CASE("stochastic samplers: diffusers' numbers") {
  check_goldens("lcm@diffusers", 5);
  check_goldens("tcd@diffusers", 15);
  check_goldens("tcd", 15);
  check_goldens("sa_solver@diffusers", 15);
  check_goldens("dpmpp_2m_sde", 20);
  check_goldens("dpmpp_sde", 5);
  check_goldens("dpmpp_3m_sde@diffusers", 5);
}

TEST_CASE("stochastic samplers without noise: have their declared order") {
  const json none = {{"eta", 0}};
  for (const char* id : {"ddpm", "tcd", "euler_ancestral_cfg_pp", "dpmpp_3m_sde@diffusers"}) {
    CAPTURE(id);
    CHECK(order_of(id, none, 400) == doctest::Approx(1).epsilon(0.15));
  }
  for (const char* id : {"seeds_2", "exp_heun_2_x0_sde", "res_multistep_ancestral", "dpmpp_2m_sde_heun",
                         "dpmpp_2s_ancestral_cfg_pp", "res_multistep_ancestral_cfg_pp", "sa_solver@diffusers"}) {
    CAPTURE(id);
    CHECK(order_of(id, none, 400) == doctest::Approx(2).epsilon(0.15 / 2));
  }
  for (const char* id : {"dpmpp_2m_cfg_pp", "res_multistep_cfg_pp"}) {
    CAPTURE(id);
    CHECK(order_of(id, json::object(), 400) == doctest::Approx(2).epsilon(0.15 / 2));
  }
  CHECK(order_of("gradient_estimation_cfg_pp", json::object(), 400) == doctest::Approx(1).epsilon(0.15));
  CHECK(order_of("seeds_3", none, 400) == doctest::Approx(3).epsilon(0.15 / 3));
  CHECK(order_of("sa_solver_pece", none, 800, 2) == doctest::Approx(3).epsilon(0.15 / 3));
  CHECK(order_of("sa_solver", none, 200) > 2.85);  // 4 until its first steps are what is left
}
TEST_CASE("er_sde without noise: has order 2 from two stages on if its integrals are exact enough") {
  for (const int stages : {1, 2, 3}) {
    CAPTURE(stages);
    const json given = {{"eta", 0}, {"max_stage", stages}, {"integral", "midpoint"}};
    CHECK(std::abs(order_of("er_sde", given, 200) - std::min(stages, 2)) <= 0.15);
  }
}
TEST_CASE("sa_solver without noise: the predictor alone has its order, up to that of the first step") {
  for (const int order : {1, 2}) {
    CAPTURE(order);
    const json given = {{"eta", 0}, {"predictor_order", order}, {"corrector_order", 0}};
    CHECK(order_of("sa_solver", given, 400) == doctest::Approx(order).epsilon(0.15 / order));
  }
}

/// Mean and variance of 20,000 images, each within 3 standard errors of the data's.
void check_distribution(const std::string& id, const Mixture& data, const json& given = json::object(),
                        int steps = 200) {
  CAPTURE(id);
  CAPTURE(given.dump());
  constexpr size_t kCount = 20'000;
  VectorHost host;
  host.denoiser = [&](double x, double sigma) { return data.denoise(x, sigma); };
  std::mt19937_64 random(11);
  std::normal_distribution<double> normal;
  const auto sample = [&] {
    Values z(kCount);
    for (double& v : z) v = normal(random);
    return z;
  };
  host.noise = [&](double, double) { return sample(); };
  constexpr double kHighest = 14;
  Values x = sample();
  std::discrete_distribution<int> component(data.weights.begin(), data.weights.end());
  for (double& v : x) v = data.means[component(random)] + v * std::hypot(data.deviation, kHighest);
  double sum = 0, squares = 0;
  for (const double v : host.sample(library(), id, exponential(steps, kHighest, 0.01), x, given))
    sum += v - data.mean(), squares += (v - data.mean()) * (v - data.mean());
  const double variance = data.moment(2), mean_error = std::sqrt(variance / kCount),
               variance_error = std::sqrt((data.moment(4) - variance * variance) / kCount);
  CHECK(std::abs(sum / kCount) <= 3 * mean_error);
  CHECK(std::abs(squares / kCount - variance) <= 3 * variance_error);
}
TEST_CASE("stochastic samplers: the images have the distribution of the data") {
  for (const Mixture& data : {kOne, kThree}) {
    for (const char* id : {"ddpm", "euler_ancestral_cfg_pp"}) check_distribution(id, data, json::object(), 400);
    for (const char* id : {"er_sde", "sa_solver", "sa_solver_pece", "sa_solver@diffusers", "seeds_2", "seeds_3",
                           "exp_heun_2_x0_sde", "dpmpp_2m_sde_heun", "res_multistep_ancestral",
                           "res_multistep_ancestral_cfg_pp", "dpmpp_2s_ancestral_cfg_pp"})
      check_distribution(id, data);
    check_distribution("er_sde", data, {{"solver_type", "reverse_time"}});
  }
}
TEST_CASE("lcm: with a consistent model, 4 steps give images with the distribution of the data") {
  constexpr size_t kCount = 20'000;
  for (const char* id : {"lcm", "lcm@diffusers"}) {
    CAPTURE(id);
    VectorHost host;
    host.denoiser = exact;
    std::mt19937_64 random(3);
    std::normal_distribution<double> normal;
    const auto sample = [&] {
      Values z(kCount);
      for (double& v : z) v = normal(random);
      return z;
    };
    host.noise = [&](double, double) { return sample(); };
    Values x = sample();
    for (double& v : x) v = 0.7 + v * std::hypot(0.5, 14);
    double sum = 0, squares = 0;
    for (const double v : host.sample(library(), id, {14, 5, 2, 0.7, 0}, x))
      sum += v - 0.7, squares += (v - 0.7) * (v - 0.7);
    CHECK(std::abs(sum / kCount) <= 3 * 0.5 / std::sqrt(kCount));
    CHECK(std::abs(squares / kCount - 0.25) <= 3 * 0.25 * std::sqrt(2.0 / kCount));
  }
}

Values with_mixture(const std::string& id, const json& given = json::object()) {
  VectorHost host;
  host.denoiser = [](double x, double sigma) { return kThree.denoise(x, sigma); };
  host.unconditional = [](double x, double sigma) { return kOne.denoise(x, sigma); };
  host.noise = [&](double, double) { return given_noise(host.noises); };
  return host.sample(library(), id, exponential(12, 14.6, 0.03), {-9, -5, -2, 0, 1, 4, 7, 12}, given);
}
TEST_CASE("ddpm, tcd: are euler without noise") {
  CHECK(difference(with_mixture("ddpm", {{"eta", 0}}), with_mixture("euler")) <= 1e-12);
  CHECK(difference(with_mixture("tcd", {{"eta", 0}}), with_mixture("euler")) <= 1e-12);
}
TEST_CASE("ddpm: is euler_ancestral") {
  CHECK(difference(with_mixture("ddpm"), with_mixture("euler_ancestral")) <= 1e-12);
}
TEST_CASE(
    "euler_ancestral_cfg_pp, res_multistep_ancestral_cfg_pp: are euler_cfg_pp and res_multistep_cfg_pp "
    "without noise") {
  CHECK(difference(with_mixture("euler_ancestral_cfg_pp", {{"eta", 0}}), with_mixture("euler_cfg_pp")) <= 1e-12);
  CHECK(difference(with_mixture("res_multistep_ancestral_cfg_pp", {{"eta", 0}}),
                   with_mixture("res_multistep_cfg_pp")) <= 1e-12);
}
TEST_CASE("er_sde: reverse_time with one stage is ddpm, ode is euler") {
  CHECK(difference(with_mixture("er_sde", {{"solver_type", "reverse_time"}, {"max_stage", 1}}), with_mixture("ddpm")) <=
        1e-12);
  CHECK(difference(with_mixture("er_sde", {{"solver_type", "ode"}, {"max_stage", 1}}), with_mixture("euler")) <= 1e-12);
}
TEST_CASE("sa_solver: adds noise only in the middle of the pass, from timestep 799 down to 200") {
  VectorHost host;
  host.denoiser = [](double x, double sigma) { return kOne.denoise(x, sigma); };
  std::vector<double> reached;
  host.noise = [&](double, double sigma_next) { return reached.push_back(sigma_next), Values{0}; };
  host.sample(library(), "sa_solver", {14, 8, 4, 1, 0.5, 0.2, 0}, {7});
  CHECK(reached == std::vector<double>{4, 1});
}
TEST_CASE("sa_solver: a sigma at an end of that window counts as inside, however it was rounded") {
  const calotype::TrainedTimesteps trained;
  for (const int steps : {5, 10}) {  // sgm_uniform's, whose levels in float32 meet both ends
    CAPTURE(steps);
    std::vector<double> sigmas, within, reached;
    for (int i = 0; i < steps; ++i) {
      sigmas.push_back(float(trained.sigma(999 - 999.0 * i / steps)));
      if (5 * i >= steps && 5 * i <= 4 * steps) within.push_back(sigmas.back());
    }
    sigmas.push_back(0);
    VectorHost host;
    host.denoiser = [](double x, double sigma) { return kOne.denoise(x, sigma); };
    host.noise = [&](double, double sigma_next) { return reached.push_back(sigma_next), Values{0}; };
    host.sample(library(), "sa_solver", sigmas, {7});
    CHECK(reached == within);
  }
}
TEST_CASE("seeds_3: r_1 that is not below r_2 is an error") {
  VectorHost host;
  host.denoiser = [](double x, double sigma) { return kOne.denoise(x, sigma); };
  const auto run = [&] { host.sample(library(), "seeds_3", {10, 1, 0}, {7}, {{"r_1", 0.5}, {"r_2", 0.5}}); };
  CHECK(error_of(run) == "r_1: want less than r_2, 0.5, got 0.5");
}
TEST_CASE("stochastic samplers: make as many model evaluations as declared") {
  for (const auto& [id, manifest] : library().manifests) {
    if (!manifest.contains("model_calls")) continue;
    CAPTURE(id);
    for (const int n : {10, 17}) {
      VectorHost host;
      host.denoiser = [](double x, double sigma) { return kOne.denoise(x, sigma); };
      host.noise = [](double, double) { return Values{0.5}; };
      host.sample(library(), id, exponential(n, 14, 0.03), {7});
      CHECK(host.model_evaluations ==
            manifest["model_calls"][0].get<int>() * n + manifest["model_calls"][1].get<int>());
    }
  }
}
