// What plugins declare of threads, and that the host keeps to it.
#include <calotype/host/host.h>
#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include "loading/library.h"
#include "registry/manifest.h"
#include "schedule/scheduler_call.h"

using namespace calotype;

namespace {

const std::string kFixtures = CALOTYPE_FIXTURES;

Host::Options fixtures() {
  Host::Options options;
  options.plugin_folders = {kFixtures};
  options.environment = false;
  return options;
}

/// `body(k)` on 8 threads at once.
template <class Body>
void on_threads(Body&& body) {
  std::vector<std::jthread> all;
  for (int k = 0; k < 8; ++k) all.emplace_back([&body, k] { body(k); });
}

/// The text of the error on another thread than this; "" where there is none.
template <class Body>
std::string elsewhere(Body&& body) {
  std::string text;
  std::jthread([&] {
    try {
      body();
    } catch (const Error& e) {
      text = e.what();
    }
  }).join();
  return text;
}

bool is_mapped(const std::string& library) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find(library) != line.npos) return true;
  return false;
}

EntryInfo entry(const std::string& library, const std::string& id) {
  for (const auto& e : read_manifests(kFixtures + "/" + library + ".so").entries)
    if (e.id == id) return e;
  FAIL("no " << id);
  return {};
}

}  // namespace

TEST_CASE("threads: a manifest has what a plugin declares; where it declares nothing, it may be called from all") {
  const Host host(fixtures());
  const Catalog catalog = host.catalog();
  CHECK(catalog.get(Kind::scheduler, "one_at_a_time").threads == Threads::instance);
  CHECK(catalog.get(Kind::scheduler, "main_only").threads == Threads::main);
  CHECK(catalog.get(Kind::sampler, "main_only").threads == Threads::main);
  CHECK(catalog.get(Kind::scheduler, "karras").threads == Threads::reentrant);
}

TEST_CASE("threads: 8 threads ask one host for schedules, and get what one gets") {
  Host host(fixtures());
  std::vector<Choice> choices;
  std::vector<std::vector<double>> wanted;
  const Catalog catalog = host.catalog();
  for (const EntryInfo* e : catalog.of(Kind::scheduler))
    if (e->plugin == "schedulers" && e->id != "manual") choices.push_back(host.choose(Kind::scheduler, e->id));
  REQUIRE(choices.size() > 10);
  for (const auto& c : choices) wanted.push_back(Host(fixtures()).sigmas(c, 8));
  std::atomic<int> wrong = 0;
  on_threads([&](int k) {
    for (size_t i = 0; i < 4 * choices.size(); ++i) {
      const size_t at = (i + size_t(k)) % choices.size();
      wrong += host.sigmas(choices[at], 8) != wanted[at];
    }
    wrong += host.choose(Kind::scheduler, "beta").entry.id != "beta";
  });
  CHECK(wrong == 0);
}

TEST_CASE("threads: a library for one thread at a time is called so, by all hosts of a process") {
  Host hosts[]{Host(fixtures()), Host(fixtures())};
  const Choice choice = hosts[0].choose(Kind::scheduler, "one_at_a_time");
  std::mutex mutex;
  std::set<int> counts;
  on_threads([&](int k) {
    for (int i = 0; i < 50; ++i) {
      const int n = int(hosts[k % 2].sigmas(choice, 4)[0]);
      const std::lock_guard lock(mutex);
      counts.insert(n);
    }
  });
  CHECK(counts.size() == 400);
}

TEST_CASE("threads: what is for the main thread is refused on another, before any of its code runs") {
  Host host(fixtures());
  const Choice choice = host.choose(Kind::scheduler, "main_only");
  const std::string why =
      " \"main_only\" declares threads: main, and was called on another; call it on the thread that the program began "
      "with";
  CHECK(elsewhere([&] { host.sigmas(choice, 4); }) == choice.entry.library + ": scheduler" + why);
  CHECK_FALSE(is_mapped("/main_only.so"));
  CHECK(host.sigmas(choice, 4)[0] == 14);
  CHECK(elsewhere([&] { host.sigmas(choice, 4); }) == choice.entry.library + ": scheduler" + why);
}

TEST_CASE("threads: a debug build of a plugin reports which call broke what it declares") {
  std::atomic<bool> flags[2]{};  // is inside, may go
  char address[32];
  std::snprintf(address, sizeof address, "%llx", (unsigned long long)(uintptr_t)&flags);
  setenv("CALOTYPE_INSIDE", address, 1);
  Libraries libraries;
  // past the host, which would not let it come to that
  const auto call = [&](const std::string& id, calotype_message& message) {
    const auto levels = scaled_linear_sigmas({0.00085, 0.012, 1000});
    const calotype_noise_levels given{sizeof given, uint32_t(levels.size()), levels.data()};
    const calotype_settings none{sizeof none, 0, nullptr};
    double sigmas[5];
    return static_cast<const calotype_scheduler*>(libraries.implementation(entry("waits_inside", id)))
        ->sigmas(4, &given, &none, sigmas, &message);
  };
  calotype_message first{sizeof first, ""}, second{sizeof second, ""};
  {
    const std::jthread other([&] { CHECK(call("waits_inside", first) == CALOTYPE_OK); });
    while (!flags[0]) std::this_thread::yield();
    CHECK(call("waits_inside", second) == CALOTYPE_FAILED);
    flags[1] = true;
  }
  CHECK(
      std::string(second.text) ==
      "sigmas of \"waits_inside\" was called while another thread was in its library, and declares threads: instance");
  CHECK(call("waits_inside", second) == CALOTYPE_OK);  // the first has gone

  const auto* table =
      static_cast<const calotype_scheduler*>(libraries.implementation(entry("waits_inside", "checks_main")));
  const calotype_settings none{sizeof none, 0, nullptr};
  double sigmas[5];
  std::jthread([&] { CHECK(table->sigmas(4, nullptr, &none, sigmas, &second) == CALOTYPE_FAILED); }).join();
  CHECK(std::string(second.text) ==
        "sigmas of \"checks_main\" was called on another thread than the one that the program began with, and declares "
        "threads: main");
}
