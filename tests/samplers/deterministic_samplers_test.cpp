#include "samplers/exact_denoisers.h"

using namespace tier1;

namespace {

const Library& library() {
  static const Library loaded("samplers");
  return loaded;
}

/// Where the ODE takes x from sigma to `lowest` and denoised there: Runge and Kutta's method in log sigma, fine.
double end_of(double x, double sigma, double lowest) {
  constexpr int kSteps = 20000;
  const double h = std::log(lowest / sigma) / kSteps;
  const auto slope = [](double x, double log) { return x - mixture(x, std::exp(log)); };
  double log = std::log(sigma);
  for (int i = 0; i < kSteps; ++i, log += h) {
    const double a = slope(x, log), b = slope(x + h / 2 * a, log + h / 2), c = slope(x + h / 2 * b, log + h / 2),
                 d = slope(x + h * c, log + h);
    x += h / 6 * (a + 2 * b + 2 * c + d);
  }
  return mixture(x, lowest);
}

std::vector<double> even(int n) {
  return exponential(n, 2, 1e-6);
}

/// Steps that are longer, in log sigma, the lower they are.
std::vector<double> growing(int n) {
  std::vector<double> sigmas;
  for (int i = 0; i < n; ++i)
    sigmas.push_back(2 * std::exp(-13 * std::pow(double(i) / (n - 1), 2) - double(i) / (n - 1)));
  sigmas.push_back(0);
  return sigmas;
}

/// How often the mean error halves when `steps` become twice as many. The sigmas start where the first steps, of
/// lower order, have something to solve.
double order_on_mixture(const std::string& id, int steps, const json& given = json::object(),
                        std::vector<double> (*schedule)(int) = even) {
  const std::vector<double> ends = schedule(2);
  Values x, wanted;
  for (const double start : {-3.4, -1.8, -0.4, 0.8, 2.2, 3.8}) {
    x.push_back(start);
    wanted.push_back(end_of(start, ends[0], ends[1]));
  }
  const auto error = [&](int n) {
    VectorHost host;
    host.denoiser = mixture;
    const Values y = host.sample(library(), id, schedule(n), x, given);
    double sum = 0;
    for (size_t i = 0; i < y.size(); ++i) sum += std::abs(y[i] - wanted[i]);
    return sum;
  };
  return std::log2(error(steps) / error(2 * steps));
}

/// Of 10 steps on the mixture, with noise that is always the same.
Values end(const std::string& id, const json& given = json::object()) {
  VectorHost host;
  host.denoiser = mixture;
  host.noise = [](double, double) { return Values{0.3, -0.8}; };
  return host.sample(library(), id, exponential(10, 14, 0.03), {9, -4}, given);
}

}  // namespace

TEST_CASE("deterministic samplers: the error falls with the declared order") {
  for (const char* id : {"ddim",
                         "deis",
                         "deis@diffusers",
                         "dpm_2",
                         "dpm_fast",
                         "dpmpp_2m",
                         "dpmpp_3m",
                         "dpmpp_singlestep",
                         "euler",
                         "exp_heun_2_x0",
                         "gradient_estimation",
                         "heun",
                         "heunpp2",
                         "ipndm",
                         "ipndm@forge",
                         "ipndm_v",
                         "ipndm_v@forge",
                         "ipndm_v@stable-diffusion.cpp",
                         "lms",
                         "lms@diffusers",
                         "plms",
                         "res_2s",
                         "res_multistep",
                         "uni_pc",
                         "uni_pc@diffusers",
                         "uni_pc_bh2"}) {
    CAPTURE(id);
    CHECK(std::abs(order_on_mixture(id, 400) - library().manifests.at(id)["order"].get<double>()) <= 0.15);
  }
}
TEST_CASE("deterministic samplers: the setting `order` is the order, up to that of the first steps") {
  const std::map<std::string, std::vector<double>> orders = {
      {"deis", {1, 2, 2}}, {"deis@diffusers", {1, 2, 2}}, {"dpmpp_singlestep", {1, 2, 3}}, {"ipndm", {1, 2, 2}},
      {"lms", {1, 2, 2}},  {"uni_pc", {2, 3, 3}}};
  for (const auto& [id, wanted] : orders)
    for (int order = 1; order <= 3; ++order) {
      CAPTURE(id);
      CAPTURE(order);
      CHECK(std::abs(order_on_mixture(id, 400, {{"order", order}}) - wanted[order - 1]) <= 0.15);
    }
}
TEST_CASE("exp_heun_2_x0: phi_1 and phi_2 have order 2; phi_2 is res_2s with the second evaluation at the end") {
  CHECK(order_on_mixture("exp_heun_2_x0", 400, {{"solver_type", "phi_1"}}) == doctest::Approx(2).epsilon(0.05));
  CHECK(difference(end("exp_heun_2_x0"), end("res_2s", {{"r", 1}})) <= 1e-12);
}
TEST_CASE("lms@stable-diffusion.cpp: has order 1, because its older slopes are shifted") {
  CHECK(std::abs(order_on_mixture("lms@stable-diffusion.cpp", 1600) - 1) <= 0.15);
}
TEST_CASE("dpmpp_2m_v2: has order 1 if steps grow") {
  CHECK(std::abs(order_on_mixture("dpmpp_2m_v2", 800, {}, growing) - 1) <= 0.15);
  CHECK(std::abs(order_on_mixture("dpmpp_2m", 800, {}, growing) - 2) <= 0.15);
}
TEST_CASE("samplers: make as many model evaluations as declared") {
  for (const auto& [id, manifest] : library().manifests) {
    if (!manifest.contains("model_calls")) continue;
    for (const int n : {5, 12, 31}) {
      CAPTURE(id);
      CAPTURE(n);
      VectorHost host;
      host.denoiser = gaussian;
      host.noise = [](double, double) { return Values{0.3}; };
      host.sample(library(), id, exponential(n, 14, 0.03), {7});
      CHECK(host.model_evaluations ==
            manifest["model_calls"][0].get<int>() * n + manifest["model_calls"][1].get<int>());
    }
  }
}
TEST_CASE("ddim: eta 0 is euler, eta 1 is euler_ancestral") {
  CHECK(difference(end("ddim"), end("euler")) <= 1e-12);
  CHECK(difference(end("ddim", {{"eta", 1}}), end("euler_ancestral")) <= 1e-12);
}
TEST_CASE("heunpp2: churn raises the sigma, and the other slopes are at later sigmas") {
  VectorHost host;
  host.denoiser = gaussian;
  host.noise = [](double, double) { return Values{0.3}; };
  host.sample(library(), "heunpp2", {10, 5, 1, 0}, {7}, {{"s_churn", 100}, {"s_tmin", 2}, {"s_tmax", 6}});
  CHECK(difference(host.denoised_at, {10, 5, 1, 5 * std::sqrt(2.0), 1, 1}) <= 1e-12);
}
TEST_CASE("dpm_fast: divides the model evaluations into steps of order 3 and a rest, equal in log sigma") {
  VectorHost host;
  host.denoiser = gaussian;
  host.sample(library(), "dpm_fast", {16, 9, 8, 1, 0}, {7});  // 4 calls: orders 3 and 1
  const double third = std::pow(4, -1 / 3.0);
  CHECK(difference(host.denoised_at, {16, 16 * third, 16 * third * third, 4}) <= 1e-12);
}
TEST_CASE("dpm_fast, dpm_adaptive: eta adds noise between the sigmas of their own steps") {
  for (const char* id : {"dpm_fast", "dpm_adaptive"}) {
    CAPTURE(id);
    VectorHost host;
    host.denoiser = gaussian;
    std::vector<double> ways;
    host.noise = [&](double sigma, double sigma_next) {
      return ways.insert(ways.end(), {sigma, sigma_next}), Values{0.3};
    };
    host.sample(library(), id, exponential(20, 14, 0.03), {7}, {{"eta", 1}});
    CHECK(ways.size() >= 10);
    for (size_t i = 2; i < ways.size(); i += 2) CHECK(ways[i] == doctest::Approx(ways[i - 1]));
    CHECK(host.live == 0);
  }
}
TEST_CASE("dpm_adaptive: smaller tolerances take more model evaluations and give a smaller error") {
  const Values x = {-3.4, -1.8, -0.4, 0.8, 2.2, 3.8};
  double before = 0.3;
  int calls_before = 0;
  for (const double rtol : {0.1, 0.01, 0.001}) {
    VectorHost host;
    host.denoiser = mixture;
    const Values y = host.sample(library(), "dpm_adaptive", even(20), x, {{"rtol", rtol}, {"atol", rtol / 10}});
    double error = 0;
    for (size_t i = 0; i < x.size(); ++i) error += std::abs(y[i] - end_of(x[i], 2, 1e-6));
    CHECK(error < before / 3);
    CHECK(host.model_evaluations > calls_before);
    before = error, calls_before = host.model_evaluations;
  }
}
TEST_CASE("dpm_adaptive: a model that returns NaN and tolerances that need too many steps are errors") {
  const auto error = [](auto denoiser, const json& given) {
    return error_of([&] {
      VectorHost host;
      host.denoiser = denoiser;
      host.sample(library(), "dpm_adaptive", exponential(20, 14, 0.03), {7}, given);
    });
  };
  CHECK(error([](double, double) { return NAN; }, {{"order", 3}}) ==
        "cannot keep within rtol and atol: wants too many steps");
  CHECK(error([](double x, double sigma) { return std::sin(1e4 * x / sigma); }, {{"rtol", 1e-4}, {"atol", 1e-5}}) ==
        "cannot keep within rtol and atol: wants too many steps");
}
