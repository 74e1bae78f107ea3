// The steps of a pass for an image: the counts are those of diffusers' get_timesteps.
#include "passes.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>

using namespace calotype;

namespace {

std::vector<double> counted(int n) {
  std::vector<double> out;
  for (int i = n; i >= 0; --i) out.push_back(i);
  return out;
}

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

/// 1000 sigmas whose logarithm is even, so that timesteps and sigmas agree.
const std::vector<double> kTrained = [] {
  std::vector<double> out;
  for (int t = 0; t < 1000; ++t) out.push_back(std::exp(t / 100.0));
  return out;
}();

}  // namespace

TEST_CASE("passes: strength keeps the last int(steps * strength) steps") {
  CHECK(last_steps(counted(8), 0.6, "strength") == counted(4));
  CHECK(last_steps(counted(8), 1.0, "strength") == counted(8));
  CHECK(last_steps(counted(100), 0.29, "strength").size() == 29);  // 28 steps: 100 * 0.29 is below 29
  CHECK(last_steps(counted(10), 0.1, "strength") == counted(1));
}

TEST_CASE("passes: a strength that keeps no step is an error") {
  CHECK(error_of([] { last_steps(counted(8), 0.1, "strength"); }) ==
        "strength: want at least 1/8, so that one of 8 steps is run, got 0.1");
  CHECK(error_of([] { last_steps(counted(8), 0, "hires.strength"); }) ==
        "hires.strength: want at least 1/8, so that one of 8 steps is run, got 0.0");
}

TEST_CASE("passes: two passes that meet within the training timesteps contain every step once") {
  std::vector<double> sigmas;
  for (int t = 900; t >= 0; t -= 100) sigmas.push_back(ModelSigmas(kTrained).sigma(t));
  sigmas.push_back(0);
  const ModelSigmas trained(kTrained);
  const auto first = steps_between(sigmas, 0, 0.8, trained, "x"), second = steps_between(sigmas, 0.8, 1, trained, "x");
  CHECK(first.size() == 9);  // timesteps 900 to 200: the cut is at 200, which is the first one's
  CHECK(second.size() == 3);
  CHECK(first.back() == second.front());
  CHECK(second.back() == 0);
  CHECK(steps_between(sigmas, 0, 1, trained, "x") == sigmas);
  CHECK(error_of([&] { steps_between(sigmas, 0.95, 0.99, trained, "denoising_end"); }) ==
        "denoising_end: want a step from 0.95 to 0.99 of the training timesteps, got none; take more steps");
}
