// What a sampler computes, on data with a known solution.
#include <cmath>
#include <iterator>
#include <random>
#include <utility>

#include "check/sampler_calls.h"

namespace calotype::check {
namespace {

void runs(const Subject& s) {
  const SamplerCalls sampler(s);
  VectorHost host;
  const Sampled a = sampler.run(host, usual_sigmas(20));
  if (a.status == CALOTYPE_OK) return;
  throw Broken(at(20) + "status " + std::to_string(a.status) + ", \"" + a.message + "\"" +
               (host.misuse.empty() ? "" : "; " + host.misuse));
}

/// The root mean square of the errors from several starts at sigma = 10: the error of a single start may happen to pass
/// through 0.
double error_of(const SamplerCalls& sampler, int steps, Data data, bool* is_random = nullptr) {
  double sum = 0;
  constexpr double kStarts[] = {12, 7, 2, -4, -10};
  for (const double start : kStarts) {
    VectorHost host;
    host.data = data;
    const Sampled a = sampler.run(host, falling(steps, 10, 1e-6), without_noise(sampler.entry()), {start});
    if (is_random) *is_random = host.noises > 0;
    if (a.status != CALOTYPE_OK) throw Skipped("it refuses a pass from sigma 10 to 1e-6: " + a.message);
    const double off = a.x[0] - exact_end(start, 10, data);
    sum += off * off;
  }
  return std::sqrt(sum / std::size(kStarts));
}

void converges(const Subject& s) {
  const SamplerCalls sampler(s);
  for (const auto& [data, most] : {std::pair{Data::normal, "0.02"}, {Data::mixture, "0.1"}}) {
    bool is_random = false;
    const double error = error_of(sampler, 800, data, &is_random);
    if (is_random) throw Skipped("it adds noise with any settings");
    if (!(error < std::stod(most)))
      throw Broken("after 800 steps its error is " + std::to_string(error) + "; want at most " + most);
  }
}

void is_of_its_order(const Subject& s) {
  const double wanted = declared_by(s).order;
  if (wanted == 0) throw Skipped("it declares no order");
  const SamplerCalls sampler(s);
  for (const Data data : {Data::normal, Data::mixture}) {
    const double found = std::log2(error_of(sampler, 400, data) / error_of(sampler, 800, data));
    if (!(found > wanted - 0.15))
      throw Broken("want the declared order " + std::to_string(int(wanted)) + ", got " + std::to_string(found) +
                   (data == Data::mixture ? " for a model that is not linear" : ""));
  }
}

void costs_what_it_says(const Subject& s) {
  const Declared declared = declared_by(s);
  if (declared.calls_a_step == 0) throw Skipped("it declares no number of model evaluations");
  const SamplerCalls sampler(s);
  for (const int n : {10, 20, 30}) {
    VectorHost host;
    sampler.run(host, usual_sigmas(n));
    const double wanted = declared.calls_a_step * n + declared.calls_more;
    if (host.model_evaluations != wanted)
      throw Broken(at(n) + "want the declared " + std::to_string(int(wanted)) + " model evaluations, got " +
                   std::to_string(host.model_evaluations));
  }
}

void asks_within_reason(const Subject& s) {
  const SamplerCalls sampler(s);
  for (const int n : {1, 2, 20}) {
    VectorHost host;
    sampler.run(host, usual_sigmas(n));
    if (host.misuse.find("sigma") != std::string::npos) throw Broken(at(n) + host.misuse);
  }
}

void takes_few_steps(const Subject& s) {
  const SamplerCalls sampler(s);
  for (const int n : {1, 2, 3}) {
    const Sampled a = sampler.run(n);
    if (a.status == CALOTYPE_OK && !std::isfinite(a.x[0]))
      throw Broken(at(n) + "the result is " + std::to_string(a.x[0]));
    if (a.status != CALOTYPE_OK && a.message.empty()) throw Broken(at(n) + "refused without a message");
  }
}

void repeats(const Subject& s) {
  const SamplerCalls sampler(s);
  const Sampled first = sampler.run(20);
  for (int i = 0; i < 100; ++i)
    if (!(sampler.run(20) == first))
      throw Broken(at(20) + "call " + std::to_string(i + 2) + " gives other latents than the first");
}

void keeps_no_state(const Subject& s) {
  const SamplerCalls sampler(s);
  const Sampled first = sampler.run(20);
  for (const int n : {1, 7, 50}) {
    sampler.run(n);
    if (!(sampler.run(20) == first))
      throw Broken(at(20) + "after a call with " + std::to_string(n) + " steps it gives other latents than before");
  }
}

void is_same_in_a_batch(const Subject& s) {
  const SamplerCalls sampler(s);
  const auto image = [&](std::vector<double> x) {
    VectorHost host;
    const auto end = sampler.run(host, usual_sigmas(20), {}, std::move(x)).x;
    if (host.error_norms > 0 && declared_by(s).calls_a_step == 0)
      throw Skipped("it chooses its steps by the error of all images together");
    return end;
  };
  const auto both = image({12, -3});
  if (both.size() != 2 || both[0] != image({12})[0] || both[1] != image({-3})[0])
    throw Broken("two images in a batch are not the same as each alone");
}

void check_settings(const SamplerCalls& sampler, int steps, const Values& values) {
  const Sampled a = sampler.run(steps, values);
  if (a.status == CALOTYPE_OK && !std::isfinite(a.x[0]))
    throw Broken(at(steps, values) + "the result is " + std::to_string(a.x[0]));
  if (a.status != CALOTYPE_OK && a.message.empty()) throw Broken(at(steps, values) + "refused without a message");
}

void holds_at_corners(const Subject& s) {
  const SamplerCalls sampler(s);
  for (const Values& values : corners(*s.entry, s.level, s.seed)) check_settings(sampler, 10, values);
}

void holds_in_between(const Subject& s) {
  const SamplerCalls sampler(s);
  std::mt19937_64 random(s.seed);
  for (int i = 0; i < (s.level == Level::quick ? 20 : 200); ++i)
    check_settings(sampler, 10, random_values(*s.entry, random));
}

}  // namespace

const std::vector<Check>& sampler_checks() {
  using enum About;
  static const std::vector<Check> all{
      {"sampler-runs", "20 steps with its defaults give latents", sampler, runs, kLoaded},
      {"sampler-converges", "with more steps it converges to the exact result", sampler, converges, kRuns},
      {"sampler-is-of-its-order", "its error falls with the steps as fast as its declared order", sampler,
       is_of_its_order, kRuns},
      {"sampler-costs-what-it-says", "it makes as many model evaluations as it declares", sampler, costs_what_it_says,
       kRuns},
      {"sampler-asks-within-reason", "it evaluates the model and samples noise only at valid sigmas", sampler,
       asks_within_reason, kRuns},
      {"sampler-takes-few-steps", "1, 2 and 3 steps give finite latents, or it refuses with a message", sampler,
       takes_few_steps, kRuns},
      {"sampler-repeats", "100 equal calls give the same latents to the last bit", sampler, repeats, kRuns},
      {"sampler-keeps-no-state", "a call does not depend on earlier calls", sampler, keeps_no_state, kRuns},
      {"sampler-is-same-in-a-batch", "an image is the same alone and in a batch", sampler, is_same_in_a_batch, kRuns},
      {"sampler-holds-at-corners", "at every end of every setting it gives finite latents or refuses with a message",
       sampler, holds_at_corners, kRuns},
      {"sampler-holds-in-between", "anywhere within its settings it gives finite latents or refuses with a message",
       sampler, holds_in_between, kRuns}};
  return all;
}

}  // namespace calotype::check
