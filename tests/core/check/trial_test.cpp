// calotype/trial.h, with which authors test their plugins: each claim in a process of its own, since one that fails
// ends it.
#include <calotype/trial.h>
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <functional>

using namespace calotype;

namespace {

constexpr auto kStrength = number("strength", 1, 0, 2, "how much");
constexpr Info kInfo{.id = "x",
                     .summary = "X",
                     .settings = {kStrength, integer("count", 3, 0, 8, "how many"), boolean("is_on", true, "on"),
                                  choice("way", "up", "up|down", "which way"), text("word", "", "what"),
                                  numbers("ends", "0.5, 1", 0, 1, "where")}};

std::vector<double> falling(int steps, const ModelSigmas& levels, const Settings& settings) {
  if (steps < 8) throw Error("want 8 steps or more");
  std::vector<double> out;
  for (int i = 0; i < steps; ++i) out.push_back(levels.sigma_max() * (steps - i * settings[kStrength]) / steps);
  out.push_back(0);
  return out;
}
std::vector<double> one_less(int steps, const ModelSigmas&, const Settings&) {
  return std::vector<double>(size_t(steps));
}

void euler(const Sampling& s, Latents& x) {
  if (s.steps() < 2) throw Error("want 2 steps or more");
  for (int i = 0; i < s.steps(); ++i) {
    const double r = s.sigmas[i + 1] / s.sigmas[i];
    const Latents denoised = s.denoise(x, s.sigmas[i]);
    x = r * x + (1 - r) * denoised;
  }
}

/// The output of an author's test that ends with 1; "" if it ends with 0.
std::string reported(const std::function<void(trial::Trial&)>& body) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  std::fflush(nullptr);  // the child would write it again
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], 2);
    trial::Trial trial(kInfo);
    body(trial);
    _exit(0);
  }
  close(ends[1]);
  std::string out;
  char part[512];
  for (ssize_t n; (n = read(ends[0], part, sizeof part)) > 0;) out.append(part, size_t(n));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == (out.empty() ? 0 : 1));
  return out;
}

}  // namespace

TEST_CASE("trial: sigmas that break the contract are reported with steps and position") {
  CHECK(reported([](auto& t) { t.sigmas(falling, 8); }) == "");
  CHECK(reported([](auto& t) { t.set("strength", 0), t.sigmas(falling, 8); }) ==
        "does not hold: 8 steps: sigmas fall: sigma 1 is 14.6146466 after 14.6146466\n");
  CHECK(reported([](auto& t) { t.sigmas(one_less, 8); }) == "does not hold: 8 steps: want 9 sigmas, got 8\n");
}

TEST_CASE("trial: a refusal can be tested with its message") {
  CHECK(reported([](auto& t) { trial::want(t.refuses(falling, 7) == "want 8 steps or more", "the reason"); }) == "");
  CHECK(reported([](auto& t) { trial::want(t.refuses(euler, 1) == "want 2 steps or more", "the reason"); }) == "");
  CHECK(reported([](auto& t) { t.refuses(falling, 8); }) == "does not hold: 8 steps: it is refused\n");
  CHECK(reported([](auto& t) { t.refuses(euler, 2); }) == "does not hold: 2 steps: it is refused\n");
}

TEST_CASE("trial: a setting accepts what a user could give") {
  CHECK(reported([](auto& t) {
          t.set("strength", 2), t.set("count", 0), t.set("is_on", 0), t.set("way", "down"), t.set("word", "any"),
              t.set("ends", {0, 1});
        }) == "");
  CHECK(reported([](auto& t) { t.set("strength", 2.5); }) ==
        "does not hold: setting \"strength\": want number from 0 to 2, got 2.5\n");
  CHECK(reported([](auto& t) { t.set("strength", "big"); }) ==
        "does not hold: setting \"strength\": want number from 0 to 2, got \"big\"\n");
  CHECK(reported([](auto& t) { t.set("count", 1.5); }) ==
        "does not hold: setting \"count\": want integer from 0 to 8, got 1.5\n");
  CHECK(reported([](auto& t) { t.set("way", "sideways"); }) ==
        "does not hold: setting \"way\": want choice of up|down, got \"sideways\"\n");
  CHECK(reported([](auto& t) { t.set("way", 1); }) ==
        "does not hold: setting \"way\": want choice of up|down, got 1\n");
  CHECK(reported([](auto& t) { t.set("ends", {0.5, 3}); }) ==
        "does not hold: setting \"ends\": want numbers from 0 to 1, got 3\n");
  CHECK(reported([](auto& t) { t.set("none", 1); }) == "does not hold: a setting \"none\" is declared\n");
}
