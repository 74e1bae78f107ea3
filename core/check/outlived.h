#pragma once
#include <future>
#include <optional>
#include <thread>

#include "check/check.h"
#include "check/child_process.h"

namespace calotype::check {

/// Calls a plugin on a new thread, unloads the plugin, and then ends the thread. Thread-local destructors of the plugin
/// would now run code that is gone, and end this process. `Calls`: SchedulerCalls or SamplerCalls.
template <class Calls, class Body>
void thread_outlives(const Subject& subject, Body&& body) {
  std::optional<Calls> plugin(std::in_place, subject);
  std::promise<void> called, unloaded;
  std::thread thread([&] {
    try {
      body(*plugin);
    } catch (const Broken&) {  // another check reports it
    }
    called.set_value();
    unloaded.get_future().wait();
  });
  called.get_future().wait();
  plugin.reset();
  now_calls("the end of a thread that called it");
  unloaded.set_value();
  thread.join();
}

}  // namespace calotype::check
