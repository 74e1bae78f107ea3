#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <sstream>

#include "tier1.h"

using namespace tier1;
using Sigmas = std::vector<double>;

namespace {

const Library& library() {
  static const Library loaded("schedulers");
  return loaded;
}

const json& goldens() {
  static const json table = json::parse(read_file(CALOTYPE_TEST_DATA "/goldens/schedules.json"));
  return table;
}

/// SDXL's training schedule, from diffusers' alphas.
const Sigmas& sdxl() {
  static const Sigmas sigmas = [] {
    Sigmas s;
    for (const double alpha : goldens()["alphas_cumprod"]) s.push_back(std::sqrt((1 - alpha) / alpha));
    return s;
  }();
  return sigmas;
}

/// The same with its last step all noise: Lin et al. 2023, algorithm 1, arXiv:2305.08891, the last alpha 2^-24 as in
/// diffusers.
const Sigmas& zero_snr() {
  static const Sigmas sigmas = [] {
    Sigmas s;
    const std::vector<double> alphas = goldens()["alphas_cumprod"];
    const double first = std::sqrt(alphas.front()), last = std::sqrt(alphas.back());
    for (const double alpha : alphas) {
      const double root = (std::sqrt(alpha) - last) * first / (first - last);
      const double rescaled = std::max(root * root, std::exp2(-24));
      s.push_back(std::sqrt((1 - rescaled) / rescaled));
    }
    return s;
  }();
  return sigmas;
}

Sigmas run(const std::string& id, int steps, const json& given = json::object()) {
  return schedule(library(), id, steps, sdxl(), given);
}

Sigmas at_timesteps(std::initializer_list<int> timesteps) {
  Sigmas s;
  for (const int t : timesteps) s.push_back(sdxl()[t]);
  s.push_back(0);
  return s;
}

/// Largest relative difference; infinite where the lengths or the last zeros differ.
double difference(const Sigmas& ours, const Sigmas& theirs) {
  if (ours.size() != theirs.size() || ours.back() != theirs.back()) return INFINITY;
  double worst = 0;
  for (size_t i = 0; i + 1 < ours.size(); ++i) worst = std::max(worst, std::abs(ours[i] / theirs[i] - 1));
  return worst;
}

Sigmas golden(const std::string& kind, int steps) {
  const json& entry = goldens()[kind + "." + std::to_string(steps)];
  return entry.is_array() ? entry.get<Sigmas>() : entry["sigmas"].get<Sigmas>();
}

/// Over all numbers of steps in the golden data but those left out.
void check_goldens(const std::string& kind, const std::string& id, const json& given, int fewest = 1) {
  int compared = 0;
  for (const int n : {1, 2, 4, 8, 10, 20, 25, 30, 50}) {
    if (n < fewest) continue;
    CAPTURE(n);
    CHECK(difference(run(id, n, given), golden(kind, n)) <= 1e-6);
    ++compared;
  }
  CHECK(compared >= 8);
}

/// A row of numbers as printed, each correct to its last digit.
void check_printed(const Sigmas& sigmas, const std::string& row) {
  std::istringstream words(row);
  size_t i = 0;
  for (std::string word; words >> word; ++i) {
    const auto dot = word.find('.');
    const double unit = dot == word.npos ? 1 : std::pow(10, -double(word.size() - dot - 1));
    REQUIRE(i < sigmas.size());
    CAPTURE(word);
    CHECK(std::abs(sigmas[i] - std::stod(word)) <= 0.5001 * unit);
  }
  CHECK(i == sigmas.size());
}

void check_contract(const Sigmas& sigmas, int steps) {
  REQUIRE(sigmas.size() == size_t(steps) + 1);
  CHECK(std::all_of(sigmas.begin(), sigmas.end(), [](double s) { return std::isfinite(s); }));
  CHECK(std::adjacent_find(sigmas.begin(), sigmas.end(), std::less_equal<>()) == sigmas.end());
  CHECK(sigmas.back() == 0);
}

}  // namespace

TEST_CASE("schedulers: the thirteen of the first release keep their aliases and pairings") {
  const std::map<std::string, std::string> wanted = {
      {"dpm_pp_2m_karras", R"(["dpmpp_2m_karras"] [20,35] structure DPM dpmpp_2m recommended)"},
      {"dpm_pp_2m_sde_karras",
       R"(["dpmpp_2m_sde_gpu","dpmpp_2m_sde_karras"] [30,45] texture DPM dpmpp_2m_sde recommended)"},
      {"beta", R"(["beta_schedule"] [35,50] portraits Specialized dpmpp_2m)"},
      {"exponential", R"(["exp","lu","lambdas"] [35,45] dark Specialized dpmpp_3m_sde_gpu)"},
      {"align_your_steps", R"(["ays"] [12,20] speed Efficiency dpmpp_2m_sde)"},
      {"sgm_uniform", R"([] [6,10] lightning Efficiency euler)"},
      {"simple", R"(["linear"] [20,50] general Basic euler)"},  // "normal" and "uniform" are another: decision 13
      {"dpm_pp_2m", R"(["dpmpp_2m"] [20,40] general DPM dpmpp_2m)"},
      {"euler_a", R"(["euler_ancestral"] [15,30] creative Euler euler_ancestral)"},
      {"euler", R"(["euler_discrete"] [8,25] testing Euler euler)"},
      {"heun", R"([] [15,30] quality Advanced heun)"},
      {"dpm2", R"(["kdpm2"] [20,35] quality Advanced dpm_2)"},
      {"lms", R"([] [20,40] stable Basic lms)"}};
  std::map<std::string, std::string> found;
  for (const auto& [id, line] : wanted) {
    const json& manifest = library().manifests.at(id);
    found[id] = manifest.value("aliases", json::array()).dump() + " " + manifest["steps"].dump() + " " +
                manifest["best_for"].get<std::string>() + " " + manifest["category"].get<std::string>() + " " +
                manifest["pairs_with"].get<std::string>() +
                (manifest.value("recommended", false) ? " recommended" : "");
  }
  CHECK(found == wanted);
}

TEST_CASE("schedulers: every usual name belongs to exactly one entry") {
  const char* const wanted[] = {"karras",
                                "exponential",
                                "polyexponential",
                                "vp",
                                "normal",
                                "discrete",
                                "sgm_uniform",
                                "trailing",
                                "simple",
                                "ddim_uniform",
                                "leading",
                                "linspace",
                                "beta",
                                "beta57",
                                "align_your_steps",
                                "align_your_steps@a1111",
                                "align_your_steps_30",
                                "align_your_steps_32",
                                "gits",
                                "kl_optimal",
                                "kl_optimal@a1111",
                                "laplace",
                                "linear_quadratic",
                                "bong_tangent",
                                "bong_tangent@res4lyf",
                                "smoothstep",
                                "lcm",
                                "turbo",
                                "sd_turbo",
                                "lu",
                                "lambdas",
                                "cosine",
                                "manual",
                                "beta@a1111",
                                "beta@diffusers",
                                "karras@diffusers-leading",
                                "exponential@diffusers-leading"};
  std::map<std::string, int> entries;
  for (const auto& [id, manifest] : library().manifests) {
    ++entries[id];
    for (const json& alias : manifest.value("aliases", json::array())) ++entries[alias];
  }
  for (const char* name : wanted) CHECK_MESSAGE(entries[name] == 1, name);
  for (const auto& [name, count] : entries) CHECK_MESSAGE(count == 1, name);
}

TEST_CASE("schedulers: each declares summary, when not to pick it, citation, category and best_for") {
  for (const auto& [id, manifest] : library().manifests) {
    CAPTURE(id);
    const std::string summary = manifest["summary"];
    CHECK((summary.find("not ") != summary.npos || summary.find("nor ") != summary.npos ||
           summary.find("wants ") != summary.npos));
    CHECK(summary.find('\n') == summary.npos);
    for (const char* key : {"label", "citation", "category", "best_for", "pairs_with"})
      CHECK_FALSE(manifest.value(key, "").empty());
  }
}

TEST_CASE("schedulers: every manifest has an entry and every entry a manifest") {
  CHECK(library().entries.size() == library().manifests.size());
  for (const auto& [id, manifest] : library().manifests) CHECK_MESSAGE(library().entries.count(id) == 1, id);
}

TEST_CASE("schedulers: each is paired with an existing sampler") {
  const auto samplers = read_manifests(CALOTYPE_BUILD "/lib/calotype/plugins/samplers.so");
  for (const auto& [id, manifest] : library().manifests) CHECK_MESSAGE(samplers.count(manifest["pairs_with"]) == 1, id);
}

/// Every setting at its ends or choices, the others as declared; then all of them at their ends.
std::vector<json> corners(const json& manifest) {
  std::vector<json> out{json::object()};
  json lowest = json::object(), highest = json::object();
  for (const json& s : manifest["settings"]) {
    std::vector<json> values;
    if (s["type"] == "choice") {
      std::istringstream choices(s["choices"].get<std::string>());
      for (std::string choice; std::getline(choices, choice, '|');) values.push_back(choice);
    } else if (s["type"] != "numbers") {
      values = {s["min"], s["max"]};
    }
    if (values.empty()) continue;
    for (const json& value : values) out.push_back({{s["name"], value}});
    lowest[s["name"].get<std::string>()] = values.front();
    highest[s["name"].get<std::string>()] = values.back();
  }
  out.push_back(lowest);
  out.push_back(highest);
  return out;
}

/// The largest number of steps that an error names; 0 if there is none, or the settings make no sense.
int possible(const std::string& error) {
  for (const char* nonsense : {"no number of steps will do", "want sigma_min < sigma_max", "linear_steps: want less",
                               "sigma_min, sigma_max and range belong to", "want sigmas or timesteps"})
    if (error.starts_with(nonsense)) return 0;
  REQUIRE(error.starts_with("at most "));
  return std::stoi(error.substr(8));
}

/// Over 1 to 1,000 steps: all of them with the settings as declared, else some; past the first error, few.
void check_corner(const std::string& id, const Sigmas& levels, const json& settings) {
  const int all = settings.empty() ? 1000 : 100;
  int most = 1000;
  for (int n = 1; n <= 1000; n = n < std::min(all, most) ? n + 1 : n < 1000 ? std::min(1000, n * 5 / 2) : 1001) {
    CAPTURE(n);
    Sigmas sigmas;
    const std::string error = error_of([&] { sigmas = schedule(library(), id, n, levels, settings); });
    if (error == "no error") {
      check_contract(sigmas, n);
      continue;
    }
    most = std::min(most, n);
    const int fewer = possible(error);
    CHECK(fewer < n);
    if (fewer) check_contract(schedule(library(), id, fewer, levels, settings), fewer);
  }
}

TEST_CASE(
    "schedulers: at every corner of the settings 1 to 1000 steps give finite sigmas that fall to 0, or an error with "
    "the largest number") {
  for (const auto& [id, manifest] : library().manifests)
    for (const json& settings : corners(manifest)) {
      CAPTURE(id);
      CAPTURE(settings.dump());
      check_corner(id, sdxl(), settings);
    }
}

TEST_CASE("schedulers: the same holds for a model with zero terminal SNR") {
  for (const auto& [id, manifest] : library().manifests) {
    CAPTURE(id);
    for (const int n : {1, 2, 3, 8, 20, 50, 77, 100, 429, 999, 1000}) {
      Sigmas sigmas;
      const std::string error = error_of([&, name = id] { sigmas = schedule(library(), name, n, zero_snr()); });
      if (error == "no error")
        check_contract(sigmas, n);
      else
        CHECK(possible(error) < n);
    }
  }
}

TEST_CASE("schedulers: those with fewer than 1000 steps name their largest number") {
  std::map<std::string, int> found;
  for (const auto& [id, manifest] : library().manifests)
    if (const std::string error = error_of([&, name = id] { run(name, 1000); }); error != "no error")
      found[id] = possible(error);
  const std::map<std::string, int> wanted{
      {"beta", 138},      {"beta57", 96}, {"ddim_uniform", 999},           {"ddim_uniform@diffusers-dpm", 998},
      {"laplace", 429},   {"lcm", 50},    {"linspace@diffusers-dpm", 999}, {"manual", 0},
      {"smoothstep", 77}, {"turbo", 10}};
  CHECK(found == wanted);
}

TEST_CASE("schedulers: a single step starts at the model's largest sigma") {
  for (const auto& [id, entry] : library().entries) {
    if (id == "vp" || id == "manual" || id == "bong_tangent@res4lyf") continue;  // do not ask the model
    if (id.starts_with("ddim_uniform") || id.ends_with("-leading")) continue;    // never start at the noisiest
    CAPTURE(id);
    CHECK(run(id, 1)[0] == doctest::Approx(sdxl().back()).epsilon(3e-5));  // 14.615 in tables of three digits
  }
}

TEST_CASE("schedulers: a model with few training timesteps keeps its own number") {
  const Sigmas levels = {0.1, 0.5, 1, 2, 5};
  CHECK(schedule(library(), "simple", 5, levels) == Sigmas{5, 2, 1, 0.5, 0.1, 0});
  CHECK(schedule(library(), "euler", 5, levels) == Sigmas{5, 2, 1, 0.5, 0.1, 0});
  CHECK(schedule(library(), "euler", 2, levels, {{"spacing", "trailing"}}) == Sigmas{5, 0.5, 0});
}

TEST_CASE("karras: numbers of k-diffusion") {
  check_goldens("k_diffusion.karras", "karras", json::object());
}
TEST_CASE("exponential: numbers of k-diffusion") {
  check_goldens("k_diffusion.exponential", "exponential", json::object());
}

TEST_CASE("leading spacing: numbers of diffusers") {
  check_goldens("diffusers.leading", "euler", {{"spacing", "leading"}, {"interpolation", "linear"}});
}
TEST_CASE("trailing spacing: numbers of diffusers") {
  check_goldens("diffusers.trailing", "euler", {{"spacing", "trailing"}, {"interpolation", "linear"}});
}
TEST_CASE("linspace spacing: numbers of diffusers, from 2 steps") {
  check_goldens("diffusers.linspace", "euler", {{"interpolation", "linear"}}, 2);
}
TEST_CASE("linspace spacing: a single step starts at the largest sigma; in diffusers at the smallest") {
  CHECK(golden("diffusers.linspace", 1)[0] == doctest::Approx(sdxl().front()));
  CHECK(run("euler", 1)[0] == sdxl().back());
}
TEST_CASE("karras over the leading range: numbers of diffusers' Euler") {
  check_goldens("diffusers.leading_karras", "karras", {{"range", "leading"}});
}
TEST_CASE("exponential over the leading range: numbers of diffusers' Euler") {
  check_goldens("diffusers.leading_exponential", "exponential", {{"range", "leading"}});
}
TEST_CASE("beta with formula sigmas over the leading range: numbers of diffusers' Euler") {
  check_goldens("diffusers.leading_beta", "beta", {{"range", "leading"}, {"formula", "sigmas"}});
}

// Sigmas of diffusers' DPMSolverMultistepScheduler, timestep_spacing "leading", and EulerDiscreteScheduler, "trailing"
// with rescale_betas_zero_snr.
TEST_CASE("leading_dpm spacing: numbers of diffusers' DPM-Solver") {
  CHECK(difference(run("dpm_pp_2m", 8, {{"spacing", "leading_dpm"}}),
                   {7.880584716796875, 4.6296210289001465, 2.9295499324798584, 1.9569122791290283, 1.3493468761444092,
                    0.9355102181434631, 0.6274458765983582, 0.3708992302417755, 0}) <= 1e-6);
}
TEST_CASE("trailing spacing: numbers of diffusers for a model with zero terminal SNR") {
  // 1e-4: diffusers rescales the alphas in float32
  CHECK(difference(schedule(library(), "euler", 8, zero_snr(), {{"spacing", "trailing"}}),
                   {4096, 13.76632308959961, 5.398740768432617, 2.896190881729126, 1.7680810689926147,
                    1.1383763551712036, 0.727056086063385, 0.4137270450592041, 0}) <= 1e-4);
}

// Printed numbers measured on ComfyUI, AUTOMATIC1111 and diffusers for SDXL and 10 steps.
TEST_CASE("karras: ComfyUI's 10 steps") {
  check_printed(run("karras", 10), "14.61 9.10 5.48 3.17 1.75 0.914 0.447 0.201 0.082 0.029 0");
}
TEST_CASE("karras over the leading range: diffusers' 10 steps with SDXL's own config") {
  check_printed(run("karras", 10, {{"range", "leading"}}), "8.39 5.48 3.48 2.14 1.27 0.723 0.391 0.200 0.095 0.041 0");
}
TEST_CASE("beta: ComfyUI's 10 steps") {
  check_printed(run("beta", 10), "14.61 11.54 7.37 4.37 2.62 1.62 1.03 0.655 0.396 0.199 0");
}
TEST_CASE("beta with formula sigmas: AUTOMATIC1111's 10 steps") {
  check_printed(run("beta", 10, {{"formula", "sigmas"}}), "14.61 13.93 12.49 10.60 8.44 6.20 4.05 2.15 0.716 0.029 0");
}
TEST_CASE("align_your_steps: ComfyUI's 10 steps") {
  check_printed(run("align_your_steps", 10), "14.61 6.32 3.77 2.18 1.34 0.862 0.555 0.380 0.233 0.111 0");
}

TEST_CASE("align_your_steps: 10 steps are SDXL's sigmas at the authors' timesteps") {
  // 1e-5: the table is from alphas in float64, diffusers' are in float32
  CHECK(difference(run("align_your_steps", 10), at_timesteps({999, 845, 730, 587, 443, 310, 193, 116, 53, 13})) <=
        1e-5);
}
TEST_CASE("align_your_steps: 20 steps have the geometric means between the sigmas of 10") {
  const auto ten = run("align_your_steps", 10), twenty = run("align_your_steps", 20);
  for (int i = 0; i < 9; ++i) {
    CHECK(twenty[2 * i] == doctest::Approx(ten[i]).epsilon(1e-12));
    CHECK(twenty[2 * i + 1] == doctest::Approx(std::sqrt(ten[i] * ten[i + 1])).epsilon(1e-12));
  }
}
TEST_CASE("sgm_uniform: every 111th timestep for 9 steps") {
  CHECK(difference(run("sgm_uniform", 9), at_timesteps({999, 888, 777, 666, 555, 444, 333, 222, 111})) <= 1e-12);
}
TEST_CASE("simple: training sigmas at 999 - floor(1000 i / n)") {
  CHECK(run("simple", 7) == at_timesteps({999, 857, 714, 571, 428, 285, 142}));
}
TEST_CASE("linspace spacing: includes both ends of the training schedule") {
  CHECK(difference(run("euler", 4), at_timesteps({999, 666, 333, 0})) <= 1e-12);
}
TEST_CASE("leading_dpm spacing: timesteps of diffusers' DPM-Solver") {
  CHECK(run("dpm_pp_2m", 8, {{"spacing", "leading_dpm"}}) == at_timesteps({889, 778, 667, 556, 445, 334, 223, 112}));
}
TEST_CASE("trailing spacing: halves round to even, as numpy rounds") {
  CHECK(run("euler", 16, {{"spacing", "trailing"}})[1] == sdxl()[937]);  // 937.5 -> 938, less 1
  CHECK(run("euler", 16, {{"spacing", "trailing"}})[3] == sdxl()[811]);  // 812.5 -> 812, less 1
}
TEST_CASE("timestep schedulers: six names give one schedule") {
  const auto sigmas = run("euler", 20);
  for (const char* id : {"dpm_pp_2m", "euler_a", "heun", "dpm2", "lms"}) CHECK_MESSAGE(run(id, 20) == sigmas, id);
}
TEST_CASE("interpolation: linear lies above log between timesteps") {
  CHECK(run("euler", 5, {{"interpolation", "linear"}})[1] > run("euler", 5)[1]);
}
TEST_CASE("steps_offset: shifts the timesteps of leading spacing") {
  CHECK(run("euler", 4, {{"spacing", "leading"}, {"steps_offset", 0}}) == at_timesteps({750, 500, 250, 0}));
}

TEST_CASE("karras: dpm_pp_2m_karras has the same sigmas, settings and sampler") {
  for (const json& settings : {json::object(), json{{"rho", 5}}, json{{"range", "leading"}}})
    CHECK(run("karras", 20, settings) == run("dpm_pp_2m_karras", 20, settings));
  const json &one = library().manifests.at("karras"), &other = library().manifests.at("dpm_pp_2m_karras");
  CHECK(one["settings"] == other["settings"]);
  CHECK(one["pairs_with"] == other["pairs_with"]);
}
TEST_CASE("karras: sigma_min and sigma_max replace the model's") {
  const auto sigmas = run("karras", 5, {{"sigma_min", 0.1}, {"sigma_max", 10}});
  CHECK(sigmas[0] == 10);
  CHECK(sigmas[4] == doctest::Approx(0.1).epsilon(1e-12));
}
TEST_CASE("karras: rho 1 is even in sigma") {
  const auto sigmas = run("karras", 3, {{"sigma_min", 1}, {"sigma_max", 3}, {"rho", 1}});
  CHECK(difference(sigmas, {3, 2, 1, 0}) <= 1e-15);
}
TEST_CASE("karras: sigma_max overrides range") {
  CHECK(run("karras", 5, {{"range", "leading"}, {"sigma_max", 10}})[0] == 10);
}
TEST_CASE("range linspace: uses the ends of the training schedule") {
  CHECK(run("exponential", 10, {{"range", "linspace"}}) == run("exponential", 10));
}
TEST_CASE("range trailing: ends at the last timestep of trailing spacing") {
  CHECK(run("exponential", 10, {{"range", "trailing"}})[9] == doctest::Approx(sdxl()[99]).epsilon(1e-12));
}

// Quantiles with a closed form, by sigma_min + quantile (sigma_max - sigma_min).
void check_quantiles(double alpha, double beta, double (*quantile)(double)) {
  const int n = 101;
  const auto sigmas =
      run("beta", n, {{"formula", "sigmas"}, {"alpha", alpha}, {"beta", beta}, {"sigma_min", 1}, {"sigma_max", 2}});
  for (int i = 0; i < n; ++i) CHECK(std::abs(sigmas[i] - 1 - quantile(1 - i / 100.0)) <= 1e-12);
}
TEST_CASE("beta: alpha = beta = 1/2 is the arcsine distribution") {
  check_quantiles(0.5, 0.5, [](double u) { return std::pow(std::sin(std::numbers::pi * u / 2), 2); });
}
TEST_CASE("beta: beta = 1 is a power") {
  check_quantiles(2, 1, [](double u) { return std::sqrt(u); });
  check_quantiles(0.25, 1, [](double u) { return std::pow(u, 4); });
}
TEST_CASE("beta: alpha = 1 is a power from the other end") {
  check_quantiles(1, 20, [](double u) { return 1 - std::pow(1 - u, 1 / 20.0); });
}
TEST_CASE("beta: alpha = beta is symmetric") {
  const auto sigmas = run("beta", 99, {{"formula", "sigmas"}, {"sigma_min", 1}, {"sigma_max", 2}});
  for (int i = 0; i < 99; ++i) CHECK(std::abs(sigmas[i] + sigmas[98 - i] - 3) <= 1e-12);
}

TEST_CASE("beta: too many steps is an error that names the largest number") {
  const std::string text = "at most 138 steps: with more, the beta distribution chooses some timestep twice";
  CHECK(error_of([] { run("beta", 999); }) == text);
  CHECK(error_of([] { run("beta", 1000); }) == text);
  check_contract(run("beta", 138), 138);
}
TEST_CASE("beta: sigma_min without formula sigmas is an error") {
  CHECK(error_of([] { run("beta", 10, {{"sigma_min", 0.1}}); }) ==
        "sigma_min, sigma_max and range belong to formula \"sigmas\", got formula \"timesteps\"");
}
TEST_CASE("simple: more steps than timesteps is an error") {
  CHECK(error_of([] { run("simple", 1001); }) ==
        "at most 1000 steps: with more, some sigma of the training is chosen twice");
}
TEST_CASE("leading spacing: a timestep past the last is an error") {
  CHECK(error_of([] { run("euler", 1000, {{"spacing", "leading"}}); }) ==
        "at most 999 steps: with more, a timestep is chosen twice or lies past the last of the training");
}
TEST_CASE("leading_dpm spacing: a timestep past the last is an error") {
  CHECK(error_of([] { run("euler", 1000, {{"spacing", "leading_dpm"}}); }) ==
        "at most 998 steps: with more, a timestep is chosen twice or lies past the last of the training");
}
TEST_CASE("leading spacing: an offset past the last timestep is an error for any number of steps") {
  CHECK(error_of([] { run("euler", 10, {{"spacing", "leading"}, {"steps_offset", 1000}}); }) ==
        "no number of steps will do: with more, a timestep is chosen twice or lies past the last of the training");
}
TEST_CASE("karras: sigma_min at or above sigma_max is an error") {
  CHECK(error_of([] { run("karras", 10, {{"sigma_min", 20}}); }) == "want sigma_min < sigma_max, got 20 and 14.6146");
  CHECK(error_of([] { run("exponential", 2, {{"sigma_min", 2}, {"sigma_max", 2}}); }) ==
        "want sigma_min < sigma_max, got 2 and 2");
}
TEST_CASE("exponential: sigmas too close to distinguish are an error") {
  CHECK(error_of([] {
          run("exponential", 1000, {{"sigma_min", 1}, {"sigma_max", 1.00000000000001}});
        }).ends_with(" steps: sigmas between sigma_min and sigma_max run out"));
}
