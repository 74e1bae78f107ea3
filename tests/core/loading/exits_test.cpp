// Processes that load plugins, run them and end.
#include <calotype/host/host.h>
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

using namespace calotype;

namespace {

Host::Options fixtures(bool keep_loaded) {
  Host::Options options;
  options.plugin_folders = {CALOTYPE_FIXTURES};
  options.environment = false;
  options.keep_loaded = keep_loaded;
  return options;
}

/// How a process ended that made a host, ran these schedulers, ended the host and then itself: its status, or minus a
/// signal.
int end_of(const std::vector<std::string>& ids, bool keep_loaded, void (*end)(int)) {
  std::fflush(stdout);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0)
    [&]() noexcept {
      std::signal(SIGABRT, SIG_DFL);  // not doctest's
      {
        Host host(fixtures(keep_loaded));
        const Catalog catalog = host.catalog();
        for (const auto& id : ids) host.sigmas({catalog.get(Kind::scheduler, id), id, {}}, 4);
      }
      end(7);
    }();
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

const std::vector<std::string> kAll{"holds_statics", "holds_thread_local", "has_unique_symbols", "joins_thread",
                                    "leaves_thread"};

}  // namespace

TEST_CASE("exit: 500 processes end with their own status, whatever their plugins hold and start") {
  for (int i = 0; i < 250; ++i) {
    REQUIRE(end_of(kAll, false, std::exit) == 7);
    REQUIRE(end_of(kAll, true, std::exit) == 7);
  }
}

TEST_CASE(
    "exit: 500 processes that keep their plugins and end without destructors are safe from one that throws at its "
    "end") {
  std::vector<std::string> all = kAll;
  all.push_back("throws_at_exit");
  for (int i = 0; i < 500; ++i) REQUIRE(end_of(all, true, _exit) == 7);
}

TEST_CASE("exit: a static that throws at its end ends the process that unloads it") {
  std::freopen("/dev/null", "w", stderr);
  CHECK(end_of({"throws_at_exit"}, false, std::exit) == -SIGABRT);
  CHECK(end_of({"throws_at_exit"}, true, std::exit) == -SIGABRT);
}
