// Whether a scheduler is a pure function: equal arguments give equal numbers, and nothing else changes.
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <memory>

#include "check/at_once.h"
#include "check/outlived.h"
#include "check/process_state.h"
#include "check/scheduler_calls.h"

namespace calotype::check {
namespace {

void repeats(const Subject& s) {
  const SchedulerCalls scheduler(s);
  const uint32_t n = good_steps(scheduler);
  const Answer first = scheduler.ask(n);
  for (int i = 0; i < 100; ++i)
    if (!(scheduler.ask(n) == first))
      throw Broken(at(n) + "call " + std::to_string(i + 2) + " gives other numbers than the first");
}

void keeps_no_state(const Subject& s) {
  const SchedulerCalls scheduler(s);
  const uint32_t usual = scheduler.usual_steps();
  const Answer first = scheduler.ask(usual);
  for (const uint32_t n : {1u, 7u, 1000u}) {
    scheduler.ask(n);
    if (!(scheduler.ask(usual) == first))
      throw Broken(at(usual) + "after a call with " + std::to_string(n) + " steps it gives other numbers than before");
  }
  for (const Values& values : corners(*s.entry, Level::quick, s.seed)) {
    scheduler.ask(usual, values);
    if (!(scheduler.ask(usual) == first))
      throw Broken(at(usual) + "after a call with " + to_text(values) + " it gives other numbers than before");
  }
}

void is_thread_safe(const Subject& s) {
  need_threads(s, Threads::reentrant);
  const SchedulerCalls scheduler(s);
  const uint32_t n = scheduler.usual_steps();
  const Answer wanted = scheduler.ask(n);
  std::atomic<int> wrong = 0;
  at_once(8, [&] {
    try {
      for (int i = 0; i < 20; ++i) wrong += !(scheduler.ask(n) == wanted);
    } catch (const Broken&) {
      ++wrong;
    }
  });
  if (wrong)
    throw Broken(at(n) + std::to_string(wrong) + " of 160 calls from 8 threads give other numbers than one thread");
}

void is_same_when_loaded_again(const Subject& s) {
  uint32_t n = 0;
  const auto answer = [&] {
    const SchedulerCalls scheduler(s);
    return scheduler.ask(n = scheduler.usual_steps());
  };
  const Answer first = answer();
  if (!(answer() == first)) throw Broken(at(n) + "unloaded and loaded again, it gives other numbers");
}

void leaves_no_memory(const Subject& s) {
  const SchedulerCalls scheduler(s);
  const uint32_t n = good_steps(scheduler);
  const size_t grown = heap_growth(64, [&] { scheduler.ask(n); });
  if (grown >= 64 * 16) throw Broken(at(n) + "64 calls left " + std::to_string(grown) + " bytes");
}

void refusing_leaves_no_memory(const Subject& s) {
  const SchedulerCalls scheduler(s);
  const std::vector<double> nothing(1000, std::nan(""));
  const size_t grown = heap_growth(64, [&] { scheduler.ask(scheduler.usual_steps(), {}, nothing); });
  if (grown >= 64 * 16) throw Broken("64 calls with sigmas that are NaN left " + std::to_string(grown) + " bytes");
}

void is_silent(const Subject& s) {
  const SchedulerCalls scheduler(s);
  const size_t before = written();
  for (const uint32_t n : {1u, scheduler.usual_steps(), 1000u}) scheduler.ask(n);
  if (written() != before) throw Broken("it writes to standard output or error");
}

void leaves_no_thread(const Subject& s) {
  const SchedulerCalls scheduler(s);
  const int before = threads();
  scheduler.ask(scheduler.usual_steps());
  if (threads() != before)
    throw Broken("want " + std::to_string(before) + " threads as before the call, got " + std::to_string(threads()));
}

void leaves_no_thread_data(const Subject& s) {
  need_threads(s, Threads::instance);
  thread_outlives<SchedulerCalls>(s, [](const SchedulerCalls& scheduler) { scheduler.ask(scheduler.usual_steps()); });
}

void leaves_no_file(const Subject& s) {
  const SchedulerCalls scheduler(s);
  const int before = open_files();
  scheduler.ask(scheduler.usual_steps());
  if (open_files() != before)
    throw Broken("want " + std::to_string(before) + " open files as before the call, got " +
                 std::to_string(open_files()));
}

void keeps_float_mode(const Subject& s) {
  const SchedulerCalls scheduler(s);
  const uint32_t before = float_mode();
  scheduler.ask(scheduler.usual_steps());
  if (float_mode() != before) throw Broken("it changes rounding or denormals");
}

void needs_little_stack(const Subject& s) {
  need_threads(s, Threads::instance);
  const SchedulerCalls scheduler(s);
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 256 << 10);
  pthread_t thread;
  const auto body = [](void* p) -> void* {
    static_cast<const SchedulerCalls*>(p)->ask(1000);
    return nullptr;
  };
  if (pthread_create(&thread, &small, body, const_cast<SchedulerCalls*>(&scheduler)) != 0)
    throw Skipped("no thread can be created");
  pthread_join(thread, nullptr);
}

void is_quick(const Subject& s) {
  const SchedulerCalls scheduler(s);
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    scheduler.ask(100);
    best = std::min(best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  if (best > 100) throw Broken("want at most 100 ms for 100 steps, got " + std::to_string(best));
}

}  // namespace

const std::vector<Check>& scheduler_manner_checks() {
  using enum About;
  static const std::vector<Check> all{
      {"repeats", "100 equal calls give the same numbers to the last bit", scheduler, repeats, kLoaded},
      {"keeps-no-state", "a call does not depend on earlier calls", scheduler, keeps_no_state, kLoaded},
      {"is-thread-safe", "8 threads at once get the same numbers as one thread", scheduler, is_thread_safe, kLoaded},
      {"is-same-when-loaded-again", "after unloading and loading again it gives the same numbers", scheduler,
       is_same_when_loaded_again, kLoaded},
      {"leaves-no-memory", "calls leave no memory allocated", scheduler, leaves_no_memory, kLoaded},
      {"refusing-leaves-no-memory", "calls with bad sigmas leave no memory allocated", scheduler,
       refusing_leaves_no_memory, kLoaded},
      {"is-silent", "it writes nothing to standard output and error", scheduler, is_silent, kLoaded},
      {"leaves-no-thread", "a call leaves no thread running", scheduler, leaves_no_thread, kLoaded},
      {"leaves-no-thread-data", "a thread that called it can end after it is unloaded", scheduler,
       leaves_no_thread_data, kLoaded},
      {"leaves-no-file", "a call leaves no file open", scheduler, leaves_no_file, kLoaded},
      {"keeps-float-mode", "a call does not change rounding and denormals", scheduler, keeps_float_mode, kLoaded},
      {"needs-little-stack", "it runs on a thread with 256 KiB of stack", scheduler, needs_little_stack, kLoaded},
      {"is-quick", "it returns the sigmas of 100 steps within 100 ms", scheduler, is_quick, kLoaded}};
  return all;
}

}  // namespace calotype::check
