// Restart sampling around samplers.
#include <nlohmann/json.hpp>
#include <random>

#include "core/demo_plan.h"
#include "core/sampler_runs.h"
#include "noise/noise_source.h"

using namespace calotype;
using namespace sampler_runs;

namespace {

Restart interval(double sigma_min, double sigma_max, int steps, int times) {
  return {"", {{sigma_min, sigma_max, steps, times}}};
}

std::vector<std::vector<double>> sigmas_of(const std::vector<PassInterval>& pass_intervals) {
  std::vector<std::vector<double>> out;
  for (const PassInterval& interval : pass_intervals) out.push_back(interval.sigmas);
  return out;
}

}  // namespace

TEST_CASE("restart: goes from the sigma nearest to sigma_min up to sigma_max and down again, spaced as in the paper") {
  const std::vector<double> pass{10, 3, 1, 0.15, 0.02, 0};
  const double middle = std::pow((std::pow(2, 1 / 7.0) + std::pow(0.15, 1 / 7.0)) / 2, 7);
  const auto found = pass_intervals(pass, interval(0.1, 2, 2, 2));
  REQUIRE(found.size() == 4);
  CHECK(found[0].sigmas == std::vector<double>{10, 3, 1, 0.15});
  for (const int k : {1, 2}) {
    CHECK(found[k].from.value_or(-1) == 0.15);
    CHECK(tier1::difference(found[k].sigmas, {2, middle, 0.15}) < 1e-12);
  }
  CHECK_FALSE(found[3].from);
  CHECK(found[3].sigmas == std::vector<double>{0.15, 0.02, 0});
}
TEST_CASE("restart: without one a pass is one interval, whole") {
  const std::vector<double> pass{10, 3, 0};
  CHECK(sigmas_of(pass_intervals(pass, {})) == std::vector<std::vector<double>>{pass});
}
TEST_CASE("restart: from 0 where no sigma is nearer") {
  const std::vector<double> sigmas{14, 0};
  CHECK(sigmas_of(pass_intervals(sigmas, interval(0.1, 2, 1, 1))) == std::vector<std::vector<double>>{{14, 0}, {2, 0}});
  const SamplerRun once = pass("heun", sigmas, {}, {7}, tier1::gaussian),
                   again = pass("heun", sigmas, interval(0.1, 2, 1, 1), {7}, tier1::gaussian);
  CHECK(again.ways_back == 1);
  const double z = 1.4 * std::sin(1.0);  // the first noise
  CHECK(again.y[0] == doctest::Approx(tier1::gaussian(once.y[0] + 2 * z, 2)).epsilon(1e-6));
}
TEST_CASE("restart: intervals that meet at one sigma run one after the other") {
  const Restart both{"", {{0.9, 5, 1, 1}, {1, 6, 1, 1}}};
  CHECK(sigmas_of(pass_intervals(std::vector<double>{10, 1, 0}, both)) ==
        std::vector<std::vector<double>>{{10, 1}, {5, 1}, {6, 1}, {1, 0}});
}
TEST_CASE("restart: in a pass of two models each interval lies in the one that has its sigmas") {
  const Restart both{"", {{2, 5, 1, 1}, {0.1, 0.5, 1, 1}}};
  CHECK(sigmas_of(pass_intervals(std::vector<double>{10, 2, 1}, both)) ==
        std::vector<std::vector<double>>{{10, 2}, {5, 2}, {2, 1}});
  CHECK(sigmas_of(pass_intervals(std::vector<double>{1, 0.1, 0}, both)) ==
        std::vector<std::vector<double>>{{1, 0.1}, {0.5, 0.1}, {0.1, 0}});
}

TEST_CASE("restart: AUTOMATIC1111's numbers") {
  const auto golden = nlohmann::json::parse(tier1::read_file(CALOTYPE_SOURCE "/tests/data/samplers/restart.json"));
  int runs = 0;
  for (const auto& run : golden["runs"]) {
    const auto sigmas = run["sigmas"].get<std::vector<double>>();
    const int steps = int(sigmas.size()) - 1;
    CAPTURE(steps);
    const Restart restart = restart_preset("a1111", steps);
    const int main = steps - steps_within(restart);  // as many steps of karras
    std::vector<double> shorter{sigmas.front()}, x = golden["start"];
    for (int i = 1; i < main; ++i) {
      const double first = std::pow(sigmas.front(), 1 / 7.0), last = std::pow(sigmas[size_t(steps) - 1], 1 / 7.0);
      shorter.push_back(std::pow(first + double(i) / (main - 1) * (last - first), 7));
    }
    shorter.push_back(0);
    for (double& v : x) v *= sigmas.front();
    const SamplerRun run_of = pass("heun", shorter, restart, x, tier1::mixture);
    CHECK(tier1::difference(run_of.y, run["y"].get<std::vector<double>>()) <= 2e-6);  // ours is in float32
    CHECK(run_of.model_evaluations == run["calls"].get<int>());
    CHECK(run_of.ways_back == run["draws"].get<int>());
    ++runs;
  }
  CHECK(runs == 8);
}

TEST_CASE("restart: works around every sampler that follows the schedule, and counts its model evaluations truly") {
  int samplers = 0;
  for (const EntryInfo* sampler : catalog().of(Kind::sampler)) {
    if (sampler->has_own_steps) continue;
    CAPTURE(sampler->id);
    const auto sigmas = tier1::exponential(12, 14, 0.03);
    const SamplerRun run_of = pass(sampler->id, sigmas, interval(0.1, 2, 6, 2), {7, -3, 0.5}, tier1::gaussian);
    CHECK(run_of.model_evaluations == run_of.counted);
    CHECK(run_of.ways_back == 2);
    // each interval asks a model that is exact: the image is one of the data's, if a coarse one
    for (const double v : run_of.y) CHECK(std::abs(v - tier1::kMean) < 6 * tier1::kDeviation);
    ++samplers;
  }
  CHECK(samplers == 65);
}
TEST_CASE("restart: shrinks an earlier error by the contraction of the ODE, once for each time it goes back") {
  for (const std::string id : {"heun", "res_2s"}) {  // a multistep one also forgets what it knew
    CAPTURE(id);
    const auto gap = [&](const Restart& restart) {
      const std::vector<double> sigmas{10, 5, 2, 1, 0.5, 0.25, 0.1, 0.03, 0};
      const SamplerRun both = pass(id, sigmas, restart, {7, 8}, tier1::gaussian);
      SamplerRun other = pass(id, sigmas, restart, {8, 8}, tier1::gaussian);
      return other.y[0] - both.y[0];
    };
    const double once = std::hypot(tier1::kDeviation, 0.1) / std::hypot(tier1::kDeviation, 2);
    CHECK(gap(interval(0.1, 2, 200, 2)) / gap({}) == doctest::Approx(once * once).epsilon(2e-3));
  }
}
TEST_CASE("restart: the images have the distribution of the data") {
  constexpr size_t kCount = 40000;
  std::mt19937_64 generator(1);
  std::normal_distribution<double> normal;
  std::vector<double> x(kCount);
  for (double& v : x) v = tier1::kMean + normal(generator) * std::hypot(tier1::kDeviation, 14);
  for (const std::string id : {"heun", "euler_ancestral"}) {
    CAPTURE(id);
    double sum = 0, squares = 0;
    const auto noise = [&] {
      std::vector<double> z(kCount);
      for (double& v : z) v = normal(generator);
      return tensor(z);
    };
    const auto y = pass(id, tier1::exponential(60, 14, 0.01), interval(0.1, 2, 60, 2), x, tier1::gaussian, noise).y;
    for (const double v : y) sum += v, squares += v * v;
    const double mean = sum / kCount;
    CHECK(std::abs(mean - tier1::kMean) <= 0.01);
    CHECK(std::sqrt(squares / kCount - mean * mean) == doctest::Approx(tier1::kDeviation).epsilon(0.02));
  }
}

TEST_CASE("restart: sigmas that are run again meet other noise of a Brownian path") {
  NoiseSource source(NoiseKind::brownian, 7, 7), same(NoiseKind::brownian, 7, 7);
  const auto way = [](NoiseSource& noise) { return values(noise.between(2, 1, {1, 1, 1, 64})); };
  const auto first = way(source), again = way(source);
  CHECK(first == again);
  source.begin_path();
  const auto other = way(source);
  double product = 0;
  for (size_t i = 0; i < other.size(); ++i) product += first[i] * other[i] / double(other.size());
  CHECK(std::abs(product) < 0.5);  // four standard errors
  same.begin_path();
  CHECK(way(same) == other);
}
TEST_CASE("restart: presets take as many steps as they declare") {
  const std::map<std::string, std::vector<int>> wanted{{"none", {0, 0}},
                                                       {"paper_guidance_2", {16, 0}},
                                                       {"paper_guidance_3", {18, 0}},
                                                       {"paper_guidance_5", {18, 0}},
                                                       {"comfyui", {6, 0}},
                                                       {"a1111", {9, 9}}};
  CHECK(wanted.size() == restart_presets().size());
  for (const auto& name : restart_presets()) {
    CAPTURE(name);
    const Restart restart = restart_preset(name, 25);
    CHECK(std::vector{steps_of(restart), steps_within(restart)} == wanted.at(name));
  }
  CHECK(steps_of(restart_preset("a1111", 40)) == 20);
}
TEST_CASE("restart: a plan counts the steps of the restarts") {
  CHECK(plan_of({"sampler=heun", "steps=25"}).model_evaluations == 49);
  CHECK(plan_of({"sampler=restart", "steps=25"}).model_evaluations == 49 + 36);
  CHECK(plan_of({"sampler=restart", "restart=none", "steps=25"}).model_evaluations == 49);
  CHECK(plan_of({"sampler=dpmpp_2m", "restart=paper_guidance_2", "steps=25"}).model_evaluations == 25 + 16);
  const Plan within = plan_of({"sampler=dpmpp_2m", "restart=a1111", "steps=25"});
  CHECK(within.model_evaluations == 25);
  CHECK(within.sigmas.size() == 25 - 9 + 1);
  CHECK(plan_of({"restart=a1111", "steps=19"}).warnings.back() ==
        "restart: a1111 restarts from 20 steps on; these 19 have no restart");
}
TEST_CASE("restart: a preset that lies in no pass is left out, with a warning") {
  const std::vector<std::string> low{"pipeline=image_to_image",
                                     "image=" CALOTYPE_SOURCE "/configs/demo_model/picture.png", "strength=0.3"};
  auto preset = low, own = low;
  preset.push_back("sampler=restart");
  own.push_back("restart={sigma_min: 0.1, sigma_max: 2, steps: 9}");
  const Plan plan = plan_of(preset);
  REQUIRE(plan.warnings.size() == 1);
  CHECK(plan.warnings[0].starts_with("restart: interval 1 goes from 0.1 to 2, and the pass from 0.") == true);
  CHECK(plan.warnings[0].ends_with(" to 0: it is left out"));
  CHECK(plan.model_evaluations == 2 * int(plan.sigmas.size() - 1) - 1);
  CHECK(message_of(own).find("}: restart: interval 1 goes from 0.1 to 2, and the pass from 0.") != std::string::npos);
}
TEST_CASE("restart: each pass of a large image restarts where it has the sigmas") {
  const std::vector<std::string> all{"sampler=restart", "steps=10", "hires={scale: 1.5, strength: 0.7}"};
  const Plan plan = plan_of(all);
  REQUIRE(plan.passes.size() == 2);
  CHECK(plan.model_evaluations == 19 + 36 + 13 + 36);
  const auto found = restart_intervals_within(plan.passes[1], plan.config.restart);
  REQUIRE(found.size() == 1);
  CHECK(std::count(plan.passes[1].begin(), plan.passes[1].end(), found[0].sigma_min) == 1);
}
TEST_CASE("restart: a config gives its intervals, and its record has them again") {
  const auto config = [](const std::string& restart) {
    Host host;
    return host.resolve(demo({"restart=" + restart}));
  };
  const auto two =
      config("[{sigma_min: 0.1, sigma_max: 2, steps: 9}, {sigma_min: 1, sigma_max: 5.5, steps: 3, times: 4}]");
  CHECK((two.restart.segments == std::vector<RestartSegment>{{0.1, 2, 9, 1}, {1, 5.5, 3, 4}}));
  CHECK((config("{sigma_min: 0.1, sigma_max: 2, steps: 9}").restart.segments ==
         std::vector<RestartSegment>{{0.1, 2, 9, 1}}));
  for (const auto& given : {two, config("a1111"), config("none")}) {
    Host host;
    const auto again = host.resolve(Config::from_json(given.to_json(), "the record"));
    CHECK((again.restart.segments == given.restart.segments));
    CHECK(again.restart.preset == given.restart.preset);
  }
}
TEST_CASE("restart: what is wrong with it is reported") {
  const auto says = [](const std::string& restart) { return message_of({"restart=" + restart}); };
  CHECK(says("a111") ==
        "--set restart=a111: restart: want none, paper_guidance_2, paper_guidance_3, paper_guidance_5, comfyui or "
        "a1111, got \"a111\"");
  CHECK(
      says("[]") ==
      "--set restart=[]: restart: want the name of a preset, a restart interval or a list of one or more, got a list");
  CHECK(says("[9, 2]") ==
        "--set restart=[9, 2]: restart: want a map with sigma_min, sigma_max, steps and times, got \"9\"");
  CHECK(says("{sigma_min: 1, sigma_max: 2}") ==
        "--set restart={sigma_min: 1, sigma_max: 2}: restart: missing key \"steps\"");
  CHECK(says("{sigma_min: 3, sigma_max: 2, steps: 4}") ==
        "--set restart={sigma_min: 3, sigma_max: 2, steps: 4}: restart.sigma_max: want more than sigma_min, 3, got "
        "\"2\"");
  CHECK(
      says("{sigma_min: 1, sigma_max: 2, steps: 0}") ==
      "--set restart={sigma_min: 1, sigma_max: 2, steps: 0}: restart.steps: want an integer from 1 to 1000, got \"0\"");
  CHECK(says("{sigma_min: 1, sigma_max: 2, step: 4}") ==
        "--set restart={sigma_min: 1, sigma_max: 2, step: 4}: restart: unknown key \"step\"; did you mean \"steps\"? "
        "known: sigma_min, sigma_max, steps, times");
  CHECK(says("{sigma_min: 1, sigma_max: 20, steps: 4}") ==
        "--set restart={sigma_min: 1, sigma_max: 20, steps: 4}: restart: interval 1 goes from 1 to 20, and the pass "
        "from 14.6146 to 0; want sigma_max up "
        "to the first sigma, and one of the pass's sigmas below it");
  CHECK(message_of({"restart=a1111", "steps=20", "pipeline=text_to_image", "hires={scale: 2, steps: 5}"}) ==
        "--set restart=a1111: restart: a1111 takes 9 of the steps; want more than these 5");
  CHECK(message_of({"restart=a1111", "steps=20", "scheduler={id: manual, sigmas: [14, 2, 1]}"})
            .ends_with("; restart: a1111 asks it for 9 steps less"));
}
