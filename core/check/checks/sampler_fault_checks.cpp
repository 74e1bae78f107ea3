// What a sampler does if a host call fails: each call in turn is made to fail.
#include <algorithm>
#include <cstring>
#include <limits>

#include "check/process_state.h"
#include "check/sampler_calls.h"

namespace calotype::check {
namespace {

constexpr int kSteps = 4;

/// Runs the sampler once for each of its host calls, which fails. `body` gets the name of the call, the end of the run,
/// and the host.
template <class Body>
void each_failure(const Subject& s, Body&& body) {
  const SamplerCalls sampler(s);
  VectorHost whole;
  sampler.run(whole, usual_sigmas(kSteps));
  const int most = s.level == Level::quick ? std::min(whole.calls, 40) : whole.calls;
  for (int k = 0; k < most; ++k) {
    VectorHost host;
    host.fail_call = k;
    const Sampled ended = sampler.run(host, usual_sigmas(kSteps));
    body("call " + std::to_string(k + 1) + " of " + std::to_string(whole.calls) + " fails: ", ended, host);
  }
}

void returns_the_status(const Subject& s) {
  each_failure(s, [](const std::string& where, const Sampled& ended, const VectorHost&) {
    if (ended.status != CALOTYPE_STOPPED)
      throw Broken(where + "want the status " + std::to_string(CALOTYPE_STOPPED) + ", got " +
                   std::to_string(ended.status));
  });
}

void stops_at_once(const Subject& s) {
  each_failure(s, [](const std::string& where, const Sampled&, const VectorHost& host) {
    if (!host.failed_in_model && host.calls > host.failed_at)
      throw Broken(where + "it makes " + std::to_string(host.calls - host.failed_at) + " more host calls");
  });
}

void obeys_cancelling(const Subject& s) {
  each_failure(s, [](const std::string& where, const Sampled&, const VectorHost& host) {
    if (host.failed_in_model && host.calls > host.failed_at)
      throw Broken(where + "after the cancelled model evaluation it makes " +
                   std::to_string(host.calls - host.failed_at) + " more host calls");
  });
}

void failing_leaks_nothing(const Subject& s) {
  each_failure(s, [](const std::string& where, const Sampled& ended, const VectorHost&) {
    if (ended.leaked > 0) throw Broken(where + std::to_string(ended.leaked) + " latents are not released");
  });
}

void leaks_nothing(const Subject& s) {
  const SamplerCalls sampler(s);
  for (const int n : {1, 2, 20})
    if (const Sampled ended = sampler.run(n); ended.status == CALOTYPE_OK && ended.leaked > 0)
      throw Broken(std::to_string(n) + " steps: " + std::to_string(ended.leaked) + " latents are not released");
}

void gives_back_once(const Subject& s) {
  const SamplerCalls sampler(s);
  for (const int n : {1, 2, 20}) {
    VectorHost host;
    sampler.run(host, usual_sigmas(n));
    if (host.misuse.find("latents") != std::string::npos) throw Broken(std::to_string(n) + " steps: " + host.misuse);
  }
}

void failing_gives_back_once(const Subject& s) {
  each_failure(s, [](const std::string& where, const Sampled&, const VectorHost& host) {
    if (host.misuse.find("latents") != std::string::npos) throw Broken(where + host.misuse);
  });
}

void failing_leaves_no_memory(const Subject& s) {
  const SamplerCalls sampler(s);
  const size_t grown = heap_growth(64, [&] {
    VectorHost host;
    host.fail_denoise = 1;
    sampler.run(host, usual_sigmas(kSteps));
  });
  if (grown >= 64 * 16)
    throw Broken("64 calls in which the second model evaluation fails left " + std::to_string(grown) + " bytes");
}

void ends_for_any_model_output(const Subject& s) {
  const SamplerCalls sampler(s);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const double output : {std::numeric_limits<double>::quiet_NaN(), kInfinity, -kInfinity, 1e300, 0.0}) {
    VectorHost host;
    host.is_odd = true, host.model_returns = output;
    sampler.run(host, usual_sigmas(kSteps));
    if (host.is_endless)
      throw Broken("if the model returns " + std::to_string(output) + " it does not end within " +
                   std::to_string(VectorHost::kMostCalls) + " host calls");
  }
}

/// Calls the sampler with sigmas that no host would pass: NaN, infinite, equal, rising, negative.
void run_absurdly(const Subject& s, calotype_message& message) {
  const SamplerCalls sampler(s);
  const AbiSettings settings(*s.entry, {});
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  for (const std::vector<double>& sigmas : std::vector<std::vector<double>>{
           {nan, nan, nan}, {infinity, 1, 0}, {1, 1, 0}, {1, 2, 0}, {1, -1, 0}, {0, 0, 0}}) {
    VectorHost host;
    calotype_latents* x = host.lend({12});
    sampler.call(host.table(), *settings.get(), sigmas, &x, message);
  }
}

void throws_nothing(const Subject& s) {
  calotype_message message{sizeof message, ""};
  run_absurdly(s, message);
}

void message_fits(const Subject& s) {
  constexpr uint32_t kRoom = 12;
  calotype_message message{offsetof(calotype_message, text) + kRoom, ""};
  std::memset(message.text, '~', sizeof message.text);
  run_absurdly(s, message);
  for (size_t i = kRoom; i < sizeof message.text; ++i)
    if (message.text[i] != '~') throw Broken("it writes past the " + std::to_string(kRoom) + " bytes of its message");
}

}  // namespace

const std::vector<Check>& sampler_fault_checks() {
  using enum About;
  static const std::vector<Check> all{
      {"sampler-returns-the-status", "whichever host call fails, it returns its status", sampler, returns_the_status,
       kRuns},
      {"sampler-stops-at-once", "after a failed host call it makes no other", sampler, stops_at_once, kRuns},
      {"sampler-obeys-cancelling", "after a cancelled model evaluation it makes no other host call", sampler,
       obeys_cancelling, kRuns},
      {"sampler-leaks-nothing", "it releases all latents that it does not return", sampler, leaks_nothing, kRuns},
      {"sampler-failing-leaks-nothing", "whichever host call fails, it releases all latents", sampler,
       failing_leaks_nothing, kRuns},
      {"sampler-gives-back-once", "it uses no released latents and releases none twice", sampler, gives_back_once,
       kRuns},
      {"sampler-failing-gives-back-once",
       "whichever host call fails, it uses no released latents and releases none twice", sampler,
       failing_gives_back_once, kRuns},
      {"sampler-failing-leaves-no-memory", "cancelled calls leave no memory allocated", sampler,
       failing_leaves_no_memory, kRuns},
      {"sampler-ends-whatever-the-model-says", "it ends even if the model returns NaN, infinity or huge numbers",
       sampler, ends_for_any_model_output, kRuns},
      {"sampler-throws-nothing", "absurd sigmas do no harm and cause no exception", sampler, throws_nothing, kRuns},
      {"sampler-message-fits", "it cuts its message to the given size", sampler, message_fits,
       "sampler-throws-nothing"}};
  return all;
}

}  // namespace calotype::check
