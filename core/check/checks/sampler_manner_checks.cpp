// Whether a sampler changes anything besides its latents.
#include <atomic>

#include "check/at_once.h"
#include "check/outlived.h"
#include "check/process_state.h"
#include "check/sampler_calls.h"

namespace calotype::check {
namespace {

void is_thread_safe(const Subject& s) {
  need_threads(s, Threads::reentrant);
  const SamplerCalls sampler(s);
  const Sampled wanted = sampler.run(20);
  std::atomic<int> wrong = 0;
  at_once(8, [&] {
    try {
      for (int i = 0; i < 10; ++i) wrong += !(sampler.run(20) == wanted);
    } catch (const Broken&) {
      ++wrong;
    }
  });
  if (wrong) throw Broken(std::to_string(wrong) + " of 80 calls from 8 threads give other latents than one thread");
}

void leaves_no_memory(const Subject& s) {
  const SamplerCalls sampler(s);
  const size_t grown = heap_growth(64, [&] { sampler.run(20); });
  if (grown >= 64 * 16) throw Broken("64 calls left " + std::to_string(grown) + " bytes");
}

void is_silent(const Subject& s) {
  const SamplerCalls sampler(s);
  const size_t before = written();
  sampler.run(20);
  if (written() != before) throw Broken("it writes to standard output or error");
}

void leaves_no_thread_or_file(const Subject& s) {
  const SamplerCalls sampler(s);
  const int before = threads(), files = open_files();
  sampler.run(20);
  if (threads() != before)
    throw Broken("want " + std::to_string(before) + " threads as before the call, got " + std::to_string(threads()));
  if (open_files() != files)
    throw Broken("want " + std::to_string(files) + " open files as before the call, got " +
                 std::to_string(open_files()));
}

void leaves_no_thread_data(const Subject& s) {
  need_threads(s, Threads::instance);
  thread_outlives<SamplerCalls>(s, [](const SamplerCalls& sampler) { sampler.run(20); });
}

void keeps_float_mode(const Subject& s) {
  const SamplerCalls sampler(s);
  const uint32_t before = float_mode();
  sampler.run(20);
  if (float_mode() != before) throw Broken("it changes rounding or denormals");
}

void leaves_sigmas_alone(const Subject& s) {
  const SamplerCalls sampler(s);
  const std::vector<double> sigmas = usual_sigmas(20), wanted = sigmas;
  VectorHost host;
  sampler.run(host, sigmas);
  if (sigmas != wanted) throw Broken("it writes to the sigmas");
}

/// The table of a later host, with more functions behind the known ones.
void works_with_later_hosts(const Subject& s) {
  const SamplerCalls sampler(s);
  const Sampled wanted = sampler.run(20);
  VectorHost host;
  struct Later {
    calotype_sampler_host table;
    void* more[4];
  } later{host.table(), {&later, &later, &later, &later}};
  later.table.size = sizeof later;
  later.table.abi = CALOTYPE_ABI + 1;
  const AbiSettings settings(*s.entry, {});
  calotype_latents* x = host.lend({12});
  calotype_message message{sizeof message, ""};
  const int32_t status = sampler.call(later.table, *settings.get(), usual_sigmas(20), &x, message);
  const auto* found = host.numbers(x);
  if (status != CALOTYPE_OK || !found || *found != wanted.x)
    throw Broken("with the larger table of a later host it gives other latents");
}

}  // namespace

const std::vector<Check>& sampler_manner_checks() {
  using enum About;
  static const std::vector<Check> all{
      {"sampler-is-thread-safe", "8 threads, each with its own image, get the same latents as one thread", sampler,
       is_thread_safe, kRuns},
      {"sampler-leaves-no-memory", "calls leave no memory allocated", sampler, leaves_no_memory, kRuns},
      {"sampler-is-silent", "it writes nothing to standard output and error", sampler, is_silent, kRuns},
      {"sampler-leaves-no-thread-or-file", "a call leaves no thread running and no file open", sampler,
       leaves_no_thread_or_file, kRuns},
      {"sampler-leaves-no-thread-data", "a thread that called it can end after it is unloaded", sampler,
       leaves_no_thread_data, kRuns},
      {"sampler-keeps-float-mode", "a call does not change rounding and denormals", sampler, keeps_float_mode, kRuns},
      {"sampler-leaves-sigmas-alone", "it does not write to the sigmas", sampler, leaves_sigmas_alone, kRuns},
      {"sampler-works-with-later-hosts", "it works with the larger table of a later host", sampler,
       works_with_later_hosts, kRuns}};
  return all;
}

}  // namespace calotype::check
