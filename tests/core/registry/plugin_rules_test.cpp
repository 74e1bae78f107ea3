// Which of the plugins that fit are let in: permissions, vendors, pins, crashes, and what is left out. None is loaded.
#include <calotype/error.h>
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "base/file.h"
#include "base/sha256.h"
#include "base/user_paths.h"
#include "loading/library.h"
#include "registry/discovery.h"
#include "registry/refusal.h"

using namespace calotype;
namespace fs = std::filesystem;

namespace {

/// A folder with a copy of the fixture that aborts when it is loaded, and a cache of its own.
struct Plugins {
  fs::path folder = fs::temp_directory_path() / ("calotype_rules_" + std::to_string(getpid()));
  std::string library = folder / "aborts_when_loaded.so";
  Plugins() {
    fs::create_directories(folder);
    folder = fs::canonical(folder), library = folder / "aborts_when_loaded.so";
    fs::copy_file(CALOTYPE_FIXTURES "/aborts_when_loaded.so", library, fs::copy_options::overwrite_existing);
    setenv("XDG_CACHE_HOME", (folder / "cache").c_str(), 1);
  }
  ~Plugins() {
    unsetenv("XDG_CACHE_HOME");
    fs::remove_all(folder);
  }
  Catalog discover(PluginRules rules = {}) const {
    return calotype::discover({{folder, "the test's", ""}}, std::move(rules));
  }
  /// Of the one library, which must be refused.
  std::string refusal(PluginRules rules = {}) const {
    const Catalog catalog = discover(std::move(rules));
    CHECK(catalog.entries().empty());
    REQUIRE(catalog.refusals().size() == 1);
    const Refusal& r = catalog.refusals()[0];
    CHECK(r.library == library);
    CHECK(r.offers == std::vector<std::string>{"scheduler aborting", "scheduler abortive"});
    const auto& codes = refusal_codes();
    CHECK(std::any_of(codes.begin(), codes.end(), [&](const RefusalCode& c) { return c.code == r.code; }));
    return r.reason();
  }
};

std::string text_of(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string message_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_CASE("rules: without any, what fits is let in, and the search is listed") {
  const Plugins plugins;
  const Catalog catalog = plugins.discover();
  CHECK(catalog.entries().size() == 2);
  CHECK(catalog.refusals().empty());
  REQUIRE(catalog.folders().size() == 1);
  CHECK(catalog.folders()[0].origin == "the test's");
  CHECK(catalog.folders()[0].problem == "");
  CHECK(catalog.folders()[0].libraries == std::vector<std::string>{plugins.library});
  const Catalog none = discover({plugins.folder / "none"});
  CHECK(none.folders()[0].problem == "No such file or directory");
}

TEST_CASE("rules: a file or folder that every user may write to is not trusted") {
  const Plugins plugins;
  const std::string want = "every user may change it: want a file and a folder that others may not write to, got mode ";
  chmod(plugins.library.c_str(), 0777);
  CHECK(plugins.refusal() ==
        want + "0777 of " + plugins.library + "; chmod o-w " + plugins.library + " [world_writable]");
  chmod(plugins.library.c_str(), 0755);
  chmod(plugins.folder.c_str(), 0757);
  CHECK(plugins.refusal() ==
        want + "0757 of " + plugins.folder.string() + "; chmod o-w " + plugins.folder.string() + " [world_writable]");
  chmod(plugins.folder.c_str(), 01777);  // as /tmp: nobody else can replace a file of this user's
  CHECK(plugins.discover().refusals().empty());
  if (geteuid() == 0) {
    REQUIRE(chown(plugins.library.c_str(), 65534, 65534) == 0);
    CHECK(plugins.refusal().find(", got user 65534 as owner of " + plugins.library) != std::string::npos);
  }
  chmod(plugins.folder.c_str(), 0755);
}

TEST_CASE("rules: a folder further up that every user may write to is not trusted either") {
  const Plugins plugins;
  const fs::path above = plugins.folder / "above", folder = above / "middle/plugins";
  fs::create_directories(folder);
  fs::copy_file(plugins.library, folder / "mine.so");
  const auto refusals = [&] { return calotype::discover({{folder, "the test's", ""}}, {}).refusals(); };
  CHECK(refusals().empty());
  chmod(above.c_str(), 0777);
  REQUIRE(refusals().size() == 1);
  CHECK(refusals()[0].reason() ==
        "every user may change it: want a file and a folder that others may not write to, got mode 0777 of " +
            above.string() + "; chmod o-w " + above.string() + " [world_writable]");
  chmod(above.c_str(), 01777);
  CHECK(refusals().empty());
}

TEST_CASE("rules: a file or folder that a group may write to is not trusted, nor one further up") {
  const Plugins plugins;
  const fs::path above = plugins.folder / "above", folder = above / "plugins";
  fs::create_directories(folder);
  fs::copy_file(plugins.library, folder / "mine.so");
  const auto reason = [&] {
    const auto refusals = calotype::discover({{folder, "the test's", ""}}, {}).refusals();
    return refusals.empty() ? "" : refusals[0].reason();
  };
  CHECK(reason() == "");
  for (const fs::path& path : {folder / "mine.so", folder, above}) {
    fs::permissions(path, fs::perms::group_write, fs::perm_options::add);
    CHECK(reason() == "a group may change it: want a file and a folder that no group may write to, got mode 0775 of " +
                          path.string() + "; chmod g-w " + path.string() + " [group_writable]");
    fs::permissions(path, fs::perms::group_write, fs::perm_options::remove);
  }
}

TEST_CASE("rules: what another user owns is not trusted, by root neither") {
  if (geteuid() != 0) {
    MESSAGE("only root can give a file away");
    return;
  }
  const Plugins plugins;
  const fs::path above = plugins.folder / "above", folder = above / "plugins";
  fs::create_directories(folder);
  fs::copy_file(plugins.library, folder / "mine.so");
  for (const fs::path& path : {folder / "mine.so", folder, above}) {
    REQUIRE(chown(path.c_str(), 1000, 1000) == 0);
    const auto refusals = calotype::discover({{folder, "the test's", ""}}, {}).refusals();
    REQUIRE(refusals.size() == 1);
    CHECK(refusals[0].reason() == "another user may change it: want this user, 0, or root, got user 1000 as owner of " +
                                      path.string() + "; copy it to a folder of your own, or chown " + path.string() +
                                      " [other_owner]");
    REQUIRE(chown(path.c_str(), 0, 0) == 0);
  }
}

TEST_CASE("rules: a lock that another user may change is an error") {
  const Plugins plugins;
  write_plugin_lock(plugins.folder, {plugins.library});
  fs::permissions(plugins.folder / "plugins.lock", fs::perms::others_write, fs::perm_options::add);
  CHECK(message_of([&] { PluginLock::in(plugins.folder); }).find(", got mode 0646 of ") != std::string::npos);
}

TEST_CASE("rules: a link that leads to itself, or nowhere, is refused by its name, and the others are there") {
  const Plugins plugins;
  fs::create_symlink("loop.so", plugins.folder / "loop.so");
  fs::create_symlink("gone", plugins.folder / "nowhere.so");
  const Catalog catalog = plugins.discover();
  CHECK(catalog.entries().size() == 2);
  REQUIRE(catalog.refusals().size() == 2);
  CHECK(catalog.refusals()[0].code == "not_readable");
  CHECK(catalog.folders()[0].libraries ==
        std::vector<std::string>{plugins.library, plugins.folder / "loop.so", plugins.folder / "nowhere.so"});
}

TEST_CASE("rules: plugins.allow limits vendors") {
  const Plugins plugins;
  PluginRules rules;
  rules.vendors = std::vector<std::string>{"acme", "calotype"};
  CHECK(plugins.refusal(rules) ==
        "of a vendor that plugins.allow does not name: want one of acme, calotype, got no vendor; add the vendor "
        "to plugins.allow, if you "
        "trust it [vendor_not_allowed]");
  rules.vendors = std::vector<std::string>{};
  CHECK(plugins.refusal(rules).find(": want none, got ") != std::string::npos);
}

TEST_CASE("rules: plugins.lock pins what a file holds, wherever it lies") {
  const Plugins plugins;
  CHECK_FALSE(PluginLock::in(plugins.folder));
  CHECK(write_plugin_lock(plugins.folder, {plugins.library, plugins.library}) == plugins.folder / "plugins.lock");
  const std::string sum = sha256_of_file(plugins.library);
  CHECK(text_of(plugins.folder / "plugins.lock") == sum + "  aborts_when_loaded.so\n");
  PluginRules rules;
  rules.lock = PluginLock::in(plugins.folder);
  CHECK(plugins.discover(rules).refusals().empty());
  std::ofstream(plugins.library, std::ios::app) << "x";
  CHECK(plugins.refusal(rules) ==
        "not the file that " + (plugins.folder / "plugins.lock").string() + " pins: want sha256 " + sum +
            ", got sha256 " + sha256_of_file(plugins.library) +
            "; put the pinned file back, or pin this one: calotype plugin lock CONFIG [hash_not_pinned]");
  write_plugin_lock(plugins.folder, {});
  rules.lock = PluginLock::in(plugins.folder);
  CHECK(plugins.refusal(rules).find(": want none, as it pins no file, got ") != std::string::npos);
}

TEST_CASE("rules: a lock that is there and cannot be read lets nothing in") {
  const Plugins plugins;
  const std::string lock = plugins.folder / "plugins.lock";
  fs::create_symlink("gone/plugins.lock", lock);
  CHECK(message_of([&] { PluginLock::in(plugins.folder); }) ==
        lock + ": a link to a file that is not there; put the lock there, or take the link away");
  fs::remove(lock);
  fs::create_directory(lock);
  CHECK(message_of([&] { PluginLock::in(plugins.folder); }) == lock + ": not a file");
  fs::remove(lock);
  CHECK(message_of([&] { PluginLock::in(plugins.library); }) ==
        plugins.library + "/plugins.lock: cannot be read: Not a directory");
  CHECK_FALSE(PluginLock::in(plugins.folder));
}

TEST_CASE(
    "rules: what plugins.lock pins is what is loaded, though the file is overwritten in place when its sum was taken") {
  const Plugins plugins;
  const std::string file = plugins.folder / "pinned.so", good = text_of(CALOTYPE_FIXTURES "/breaks_contract.so"),
                    evil = text_of(plugins.library);
  fs::remove(plugins.library);
  const auto overwrite = [&](const std::string& bytes) {
    const auto time = fs::exists(file) ? fs::last_write_time(file) : fs::file_time_type::clock::now();
    std::fstream(file, std::ios::in | std::ios::out | std::ios::binary)
        << bytes << std::string(std::max(good.size(), evil.size()) - bytes.size(), '\0');
    fs::last_write_time(file, time);
  };
  std::ofstream(file) << "";
  overwrite(good);
  write_plugin_lock(plugins.folder, {file});
  PluginRules rules;
  rules.lock = PluginLock::in(plugins.folder);
  EntryInfo entry = plugins.discover(rules).entries().at(0);
  CHECK(entry.pinned == sha256_of_file(file));
  overwrite(evil);  // aborts when it is loaded
  CHECK(message_of([&] { Libraries().implementation(entry); }).ends_with("[replaced]"));
  entry.stamp = stamp_of(file);  // as if it came between the last look and the loading
  CHECK(message_of([&] { Libraries().implementation(entry); }) ==
        file + ": not the file that plugins.lock pins: want sha256 " + entry.pinned + ", got sha256 " +
            sha256_of_file(file) + "; put the pinned file back [replaced]");
  overwrite(good);
  entry.stamp = stamp_of(file);
  Libraries libraries, others;
  CHECK(libraries.implementation(entry) != nullptr);
  CHECK(others.implementation(entry) == libraries.implementation(entry));  // of one copy
  entry.tier = 2;
  CHECK(Libraries().implementation(entry) != nullptr);
  CHECK(text_of("/proc/self/maps").find("memfd:pinned.so") != std::string::npos);
  CHECK(text_of("/proc/self/maps").find(file) == std::string::npos);
}

TEST_CASE("rules: a lock that is no lock is an error with its line") {
  const Plugins plugins;
  const std::string lock = plugins.folder / "plugins.lock";
  std::ofstream(lock) << std::string(64, 'a') << "  a.so\n" << std::string(63, 'a') << "  b.so\n";
  CHECK(message_of([&] {
          PluginLock::in(plugins.folder);
        }).starts_with(lock + ":2: want a sha256, two spaces and a path, got \"aaa"));
  CHECK(message_of([&] { PluginLock::in(plugins.folder); }).ends_with("\"; calotype plugin lock CONFIG writes it"));
  CHECK(message_of([&] { write_plugin_lock(plugins.folder, {"/a\nb.so"}); }) ==
        "plugins.lock: want a path without line breaks and backslashes, got \"/a\\nb.so\"; rename it");
}

TEST_CASE("rules: a plugin that crashed is refused until its file changes, or it is tried again") {
  const Plugins plugins;
  CHECK(cache_folder() == plugins.folder / "cache/calotype");
  remember_crash({plugins.library, SIGSEGV, "scheduler.sigmas", "first\nlast words\n"});
  CHECK(plugins.refusal() ==
        "ended the process that tried it: want a plugin that ends no process, got SIGSEGV in scheduler.sigmas; "
        "rebuild it, or try this file "
        "again with --retry [crashed]");
  CHECK(plugins.discover().refusals()[0].output == "first\nlast words\n");
  remember_crash({plugins.library, 0, "", std::string(5000, 'x')});
  CHECK(plugins.refusal().find(", got an end; ") != std::string::npos);
  CHECK(plugins.discover().refusals()[0].output.size() == 4096);
  SUBCASE("changed") {
    std::ofstream(plugins.library, std::ios::app) << "x";
  }
  SUBCASE("changed in place") {
    std::fstream(plugins.library, std::ios::in | std::ios::out | std::ios::ate).seekp(-1, std::ios::end) << "x";
  }
  SUBCASE("tried again") {
    PluginRules rules;
    rules.retry = true;
    CHECK(plugins.discover(rules).refusals().empty());
  }
  SUBCASE("the memory is damaged") {
    std::ofstream(cache_folder() + "/crashes.json") << "{";
  }
  CHECK(plugins.discover().refusals().empty());
}

TEST_CASE("rules: a memory of crashes that cannot be written is an error, as is a library that is gone") {
  const Plugins plugins;
  std::ofstream(plugins.folder / "cache") << "a file";
  CHECK(message_of([&] { remember_crash({plugins.library, SIGSEGV, "", ""}); }) ==
        (plugins.folder / "cache/calotype").string() + ": cannot be created: Not a directory");
  CHECK(message_of([&] { remember_crash({plugins.folder / "gone.so", SIGSEGV, "", ""}); }) ==
        (plugins.folder / "gone.so").string() + ": cannot be read: No such file or directory");
}

TEST_CASE("rules: --without leaves out a plugin by name or file, or one of its entries") {
  const Plugins plugins;
  const auto without = [](std::vector<std::string> names) {
    PluginRules rules;
    rules.without = std::move(names);
    return rules;
  };
  const std::string rest = "; take it away [left_out]",
                    want = "left out: want a run without that option, got --without ";
  CHECK(plugins.refusal(without({"aborts_when_loaded"})) == want + "aborts_when_loaded" + rest);
  CHECK(plugins.refusal(without({plugins.library})) == want + plugins.library + rest);
  CHECK(plugins.refusal(without({"aborting", "abortive"})).ends_with(rest));
  const Catalog catalog = plugins.discover(without({"aborting"}));
  REQUIRE(catalog.entries().size() == 1);
  CHECK(catalog.entries()[0].id == "abortive");
  CHECK(message_of([&] { plugins.discover(without({"abrting"})); }) ==
        "--without abrting: unknown plugin or id \"abrting\"; did you mean \"aborting\"? known: aborting, abortive, "
        "aborts_when_loaded");
}
