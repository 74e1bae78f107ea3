// Plugins that hold, throw and start things, loaded and unloaded 1,000 times; and plugins that are rebuilt while a host
// runs.
#include <calotype/host/host.h>
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>

#include "loading/library.h"
#include "registry/manifest.h"

using namespace calotype;
namespace fs = std::filesystem;

namespace {

const std::string kFixtures = CALOTYPE_FIXTURES;

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// How often a library is mapped: each has one range of code.
int mapped(const std::string& library) {
  std::ifstream maps("/proc/self/maps");
  int n = 0;
  for (std::string line; std::getline(maps, line);)
    n += line.find(" r-xp ") != line.npos && line.find(library) != line.npos;
  return n;
}

Host::Options fixtures(const std::string& folder = kFixtures) {
  Host::Options options;
  options.plugin_folders = {folder};
  options.environment = false;
  return options;
}

Choice chosen(const Host& host, const std::string& id) {
  return host.choose(Kind::scheduler, id);
}

/// The first sigma, or the error.
std::string answer(Host& host, const Catalog& catalog, const std::string& id) try {
  return std::to_string(int(host.sigmas({catalog.get(Kind::scheduler, id), id, {}}, 4)[0]));
} catch (const Error& e) {
  return e.what();
}

const std::string kPast = "scheduler \"throws_past\" (throws.so): a class of its own";
const std::pair<const char*, std::string> kAnswers[] = {{"holds_statics", "14"},
                                                        {"holds_thread_local", "14"},
                                                        {"has_unique_symbols", "14"},
                                                        {"joins_thread", "14"},
                                                        {"leaves_thread", "14"},
                                                        {"throws_error", "scheduler \"throws_error\": an Error"},
                                                        {"throws_own", "scheduler \"throws_own\": a class of its own"},
                                                        {"throws_past", kPast}};

void check_all(Host& host) {
  const Catalog catalog = host.catalog();
  for (const auto& [id, wanted] : kAnswers) REQUIRE(answer(host, catalog, id) == wanted);
}

/// A folder with a plugin that is built again and again.
struct Workshop {
  static inline int count = 0;  // the dynamic linker may keep a library of the workshop before
  fs::path path = fs::temp_directory_path() /
                  ("calotype_workshop_" + std::to_string(getpid()) + "_" + std::to_string(count++)),
           library = path / "rebuilt.so";
  std::string fixture;
  explicit Workshop(const std::string& name) : fixture(bytes_of(kFixtures + "/../rebuilt/" + name)) {
    fs::create_directories(path);
  }
  ~Workshop() { fs::remove_all(path); }
  /// Replaces the library by another file, as a linker does: 1000 to 9999 in its code and in its manifest.
  void build(int number) const { put(library, number); }
  void put(const fs::path& where, int number) const {
    std::string bytes = fixture;
    for (const std::string before : {"rebuilt ", "\"default\":"}) {
      const size_t at = bytes.find(before + "1000");
      REQUIRE(at != bytes.npos);
      bytes.replace(at + before.size(), 4, std::to_string(number));
    }
    std::ofstream(path / "new", std::ios::binary) << bytes;
    fs::rename(path / "new", where);
  }
};

/// What code and manifest of that number give.
std::string of_build(int number) {
  return std::to_string(10000 * number + number);
}

}  // namespace

TEST_CASE("lifetime: 1,000 hosts load plugins that hold, throw and start things, run them and end") {
  const auto cycle = [] {
    Host host(fixtures());
    check_all(host);
  };
  cycle();
  const int before = mapped(".so");
  for (int i = 1; i < 1000; ++i) cycle();
  CHECK(mapped(".so") == before);
}

TEST_CASE("lifetime: a library is unmapped with its host, unless it could be needed after it") {
  {
    Host host(fixtures());
    check_all(host);
  }
  CHECK(mapped("/holds_statics.so") == 0);
  CHECK(mapped("/throws.so") == 0);
  CHECK(mapped("/holds_thread_local.so") == 1);  // until this thread ends
  CHECK(mapped("/has_unique_symbols.so") == 1);
  CHECK(mapped("/joins_thread.so") == 1);
  CHECK(mapped("/leaves_thread.so") == 1);
}

TEST_CASE("reload: one host takes up the new code and manifest each of 100 times, and old entries keep their code") {
  for (const char* fixture : {"rebuilt.so", "rebuilt_stays.so"}) {
    const Workshop workshop(fixture);
    workshop.build(1000);
    Host host(fixtures(workshop.path));
    const Choice first = chosen(host, "rebuilt");
    CHECK(int(host.sigmas(first, 4)[0]) == 10001000);
    for (int k = 1001; k <= 1100; ++k) {
      workshop.build(k);
      REQUIRE(answer(host, host.catalog(), "rebuilt") == of_build(k));
    }
    CHECK(int(host.sigmas(first, 4)[0]) == 10001000);
  }
}

TEST_CASE("reload: a new host has the new code each of 100 times, whether or not the old is still there") {
  for (const char* fixture : {"rebuilt.so", "rebuilt_stays.so"}) {
    const Workshop workshop(fixture);
    workshop.build(1000);
    Host old(fixtures(workshop.path));
    const Choice first = chosen(old, "rebuilt");
    CHECK(int(old.sigmas(first, 4)[0]) == 10001000);
    for (int k = 1001; k <= 1100; ++k) {
      workshop.build(k);
      Host host(fixtures(workshop.path));
      REQUIRE(answer(host, host.catalog(), "rebuilt") == of_build(k));
      REQUIRE(answer(host, host.catalog(), "rebuilt") == of_build(k));
    }
    CHECK(int(old.sigmas(first, 4)[0]) == 10001000);
  }
}

TEST_CASE("reload: code that can be unmapped is, so that 100 builds leave no more than one behind") {
  const Workshop workshop("rebuilt.so");
  for (int k = 1000; k < 1100; ++k) {
    workshop.build(k);
    Host host(fixtures(workshop.path));
    REQUIRE(answer(host, host.catalog(), "rebuilt") == of_build(k));
    REQUIRE(mapped(workshop.path) == 1);
  }
  CHECK(mapped(workshop.path) == 0);
}

TEST_CASE("reload: a file that comes back is the code that it was") {
  const Workshop workshop("rebuilt_stays.so");
  workshop.put(workshop.path / "a", 1001);
  workshop.put(workshop.path / "b", 1002);
  for (int i = 0; i < 4; ++i) {
    fs::remove(workshop.library);
    fs::create_hard_link(workshop.path / (i % 2 ? "b" : "a"), workshop.library);
    Host host(fixtures(workshop.path));
    REQUIRE(answer(host, host.catalog(), "rebuilt") == of_build(1001 + i % 2));
  }
  CHECK(mapped(workshop.path) == 2);
}

TEST_CASE("reload: a file that is replaced between its manifest and its code is not loaded") {
  const Workshop workshop("rebuilt.so");
  workshop.build(1000);
  Host host(fixtures(workshop.path));
  const Choice checked = chosen(host, "rebuilt");
  workshop.build(1001);
  const std::string what = fs::canonical(workshop.library).string() +
                           ": not the file whose manifest was read: want the one that was checked, got ";
  CHECK_THROWS_WITH(host.sigmas(checked, 4),
                    (what + "another file in its place; read the config again [replaced]").c_str());
  fs::remove(workshop.library);
  CHECK_THROWS_WITH(host.sigmas(checked, 4), (what + "no file; read the config again [replaced]").c_str());
}

TEST_CASE("reload: a library of tier 2 that was loaded once is not loaded again") {
  const Workshop workshop("rebuilt.so");
  const auto load = [&] {
    EntryInfo entry = read_manifests(workshop.library).entries.at(0);
    entry.tier = 2;
    Libraries().implementation(entry);
  };
  workshop.build(1000);
  load();
  load();
  CHECK(mapped(workshop.path) == 1);
  workshop.build(1001);
  CHECK_THROWS_WITH(load(),
                    (workshop.library.string() +
                     ": replaced while it is loaded: want the one that is loaded, got a newer file; start the program "
                     "again: libraries of tier 2 stay until the process ends [replaced]")
                        .c_str());
}
