// What the program prints of plugins: list, plugin why, plugin lock, and the options that leave plugins out.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/install_folder.h"
#include "core/program.h"
#include "registry/crash_memory.h"
#include "registry/discovery.h"
#include "registry/refusal.h"

namespace fs = std::filesystem;
using nlohmann::json;

using namespace program_test;

namespace {

const std::string kProgram = CALOTYPE_PROGRAM;

/// A folder with `p`, where the fixture lies that aborts when it is loaded, and `q`, where nothing lies.
struct Plugins : Folder {
  fs::path library;
  Plugins() {
    fs::create_directories(path / "p");
    fs::create_directories(path / "q");
    library = fs::canonical(path) / "p/aborts.so";
    fs::copy_file(CALOTYPE_FIXTURES "/aborts_when_loaded.so", library, fs::copy_options::overwrite_existing);
  }
  void add(const std::string& fixture) const {
    fs::copy_file(CALOTYPE_FIXTURES "/" + fixture, path / "p" / fs::path(fixture).filename());
  }
  /// Makes the fixture one for a newer host.
  void spoil() const {
    std::string bytes = text_of(library);
    bytes[bytes.find("CALO") + 16] = 9;
    write("p/aborts.so", bytes);
  }
  Ended with(const std::string& arguments) const {
    return shell(*this, "CALOTYPE_PLUGIN_PATH=p:q:none " + kProgram + " " + arguments);
  }
};

const std::string kNewer =
    "needs a newer SDK: want at most 1, got interface 9; use a newer host, or build it against this host's SDK "
    "[sdk_required]\n";

}  // namespace

TEST_CASE("plugins: why lists each folder that was searched, and which library won") {
  const Plugins plugins;
  const Ended e = plugins.with("plugin why aborting");
  CHECK(e.err == "");
  CHECK(e.code == 0);
  const std::string own = calotype::own_plugin_folder();
  CHECK(e.out.starts_with("searched\n  " + own + " (the host's own): "));
  CHECK(e.out.ends_with(" libraries\n  p (CALOTYPE_PLUGIN_PATH): 1 library\naccepted\n  " + plugins.library.string() +
                        "\n  scheduler aborting\n  q (CALOTYPE_PLUGIN_PATH): 0 libraries\n"
                        "  none (CALOTYPE_PLUGIN_PATH): No such file or directory\nwon\n  scheduler aborting: " +
                        plugins.library.string() + "\n"));
  const json answer = json::parse(plugins.with("plugin why aborting --json").out);
  CHECK(answer["name"] == "aborting");
  REQUIRE(answer["folders"].size() == 4);
  CHECK(answer["folders"][0]["path"] == own);
  CHECK(answer["folders"][0]["candidates"].empty());
  CHECK(answer["folders"][1]["origin"] == "CALOTYPE_PLUGIN_PATH");
  CHECK(answer["folders"][1]["libraries"] == json{plugins.library.string()});
  CHECK(answer["folders"][1]["candidates"][0] ==
        json{{"library", plugins.library.string()}, {"accepted", true}, {"offers", {"scheduler aborting"}}});
  CHECK(answer["folders"][3]["problem"] == "No such file or directory");
  CHECK(answer["won"] == json::parse("[{\"kind\": \"scheduler\", \"id\": \"aborting\", \"library\": \"" +
                                     plugins.library.string() + "\"}]"));
}

TEST_CASE("plugins: why takes a file, a plugin's name and an alias") {
  const Plugins plugins;
  const std::string won = "won\n  scheduler aborting: " + plugins.library.string() +
                          "\n  scheduler abortive: " + plugins.library.string() + "\n";
  CHECK(plugins.with("plugin why p/aborts.so").out.ends_with(won));
  CHECK(plugins.with("plugin why aborts_when_loaded").out.ends_with(won));
  CHECK(run_program(plugins, "plugin why karras")
            .out.ends_with("won\n  scheduler karras: " + calotype::own_plugin_folder() + "/schedulers.so\n"));
}

TEST_CASE("plugins: a refused one has its code and four parts in why, list, errors and JSON") {
  const Plugins plugins;
  plugins.spoil();
  const std::string library = plugins.library;
  const std::string reported =
      "refused: sdk_required\n  " + library +
      "\n  what          needs a newer SDK\n  want          at most 1\n  got           interface 9\n"
      "  fix           use a newer host, or build it against this host's SDK\n  offers        scheduler aborting, "
      "scheduler abortive\n";
  const Ended why = plugins.with("plugin why aborting"), file = plugins.with("plugin why p/aborts.so");
  CHECK(why.code == 77);
  CHECK(why.out.find("  p (CALOTYPE_PLUGIN_PATH): 1 library\n" + reported) != std::string::npos);
  CHECK(why.out.ends_with("\nnothing won\n"));
  CHECK(why.err == library + ": " + kNewer);
  CHECK(file.out == why.out);
  CHECK(file.err == why.err);
  CHECK(plugins.with("list plugins").out.ends_with(reported));
  const std::string lines = plugins.with("list plugins --json").out;
  const json listed = json::parse(lines.substr(lines.rfind('\n', lines.size() - 2) + 1));
  CHECK(listed == json{{"library", library},
                       {"accepted", false},
                       {"code", "sdk_required"},
                       {"what", "needs a newer SDK"},
                       {"found", "interface 9"},
                       {"needed", "at most 1"},
                       {"fix", "use a newer host, or build it against this host's SDK"},
                       {"reason", kNewer.substr(0, kNewer.size() - 1)},
                       {"offers", {"scheduler aborting", "scheduler abortive"}}});
  CHECK(json::parse(plugins.with("plugin why aborting --json").out)["folders"][1]["candidates"][0] == listed);
  const Ended sigmas = plugins.with("sigmas aborting --steps 3");
  CHECK(sigmas.code == 77);
  CHECK(sigmas.err.find("scheduler \"aborting\" is refused: " + library + ": " + kNewer) != std::string::npos);
}

TEST_CASE("plugins: why reports what is wrong with its argument") {
  const Plugins plugins;
  CHECK(plugins.with("plugin why").err == "plugin why: want one id or file, got 0\n");
  CHECK(plugins.with("plugin why").code == 64);
  CHECK(plugins.with("plugin why abortin")
            .err.starts_with("unknown plugin or id \"abortin\"; did you mean \"aborting\"? known: abort"));
  CHECK(plugins.with("plugin why abortin").code == 78);
  CHECK(plugins.with("plugin why no.so").err == "plugin why: no file \"no.so\"\n");
  CHECK(plugins.with("plugin why no.so").code == 66);
  CHECK(plugins.with("plugin").err.find("  calotype plugin why ID|PATH [--config CONFIG]\n") != std::string::npos);
  CHECK(plugins.with("plugin").code == 64);
  CHECK(plugins.with("plugin wyh x").err.starts_with("unknown plugin command \"wyh\"; did you mean \"why\"? known: "));
  CHECK(plugins.with("plugin why --help").out.find("under the rules of a config") != std::string::npos);
  const Ended elsewhere = run_program(plugins, "plugin why p/aborts.so");
  CHECK(elsewhere.code == 77);
  CHECK(elsewhere.err == plugins.library.string() +
                             ": lies in no folder that is searched: want one of those above, got " +
                             plugins.library.parent_path().string() +
                             "; name it in plugins.path or CALOTYPE_PLUGIN_PATH [not_searched]\n");
  plugins.spoil();
  CHECK(run_program(plugins, "plugin why p/aborts.so").err == plugins.library.string() + ": " + kNewer);
}

TEST_CASE("plugins: why shows both where two offer one name, and that neither won") {
  const Plugins plugins;
  const std::string own = calotype::own_plugin_folder() + "/schedulers.so",
                    copy = fs::canonical(plugins.path) / "p/copy.so";
  fs::copy_file(own, copy);
  const Ended e = plugins.with("plugin why karras");
  CHECK(e.code == 78);
  CHECK(e.out.find("accepted\n  " + own + "\n  scheduler karras\n") != std::string::npos);
  CHECK(e.out.find("accepted\n  " + copy + "\n  scheduler karras\n") != std::string::npos);
  CHECK(e.err.find("scheduler \"karras\" is offered by both ") != std::string::npos);
  CHECK(e.err.ends_with("; remove one of them [duplicate_id]\n"));
}

TEST_CASE("plugins: why reports a name that two offer in one kind, where another kind has it once") {
  const Plugins plugins;
  plugins.write("twin.cpp",
                "#include <calotype/scheduler.h>\nusing namespace calotype;\n"
                "static constexpr Info kInfo{.id = \"euler\", .summary = \"A twin\"};\n"
                "static std::vector<double> sigmas(int, const ModelSigmas&, const Settings&) { return {}; }\n"
                "CALOTYPE_SCHEDULER_ENTRY(kInfo, sigmas);\n");
  REQUIRE(shell(plugins,
                CALOTYPE_CXX " -std=c++20 -shared -fPIC -DCALOTYPE_PLUGIN_VENDOR='\"example\"' -I" CALOTYPE_SOURCE
                             "/sdk/include twin.cpp -o q/twin.so")
              .err == "");
  const Ended e = plugins.with("plugin why euler");
  const std::string own = calotype::own_plugin_folder(), twin = fs::canonical(plugins.path) / "q/twin.so";
  const std::string both = "scheduler \"euler\" is offered by both ";
  const std::string spelled = "; write \"example/euler\" or \"calotype/euler\" [duplicate_id]",
                    other = "; write \"calotype/euler\" or \"example/euler\" [duplicate_id]";
  CHECK(e.code == 0);
  CHECK(e.out.find("won\n  sampler euler: " + own + "/samplers.so\nclash\n  " + both) != std::string::npos);
  CHECK((e.out.ends_with(spelled + "\n") || e.out.ends_with(other + "\n")));
  const json answer = json::parse(plugins.with("plugin why euler --json").out);
  CHECK(answer["clashes"].size() == 1);
  CHECK(answer["won"].size() == 1);
  CHECK(plugins.with("sigmas calotype/euler --steps 3").code == 0);
  CHECK(plugins.with("sigmas exmple/euler --steps 3")
            .err.starts_with("unknown scheduler \"exmple/euler\"; did you mean \"example/euler\"? known: "));
  CHECK(run_program(plugins, "plugin check q/twin.so --only is-accepted")
            .out.ends_with(
                "note: scheduler \"euler\" comes with Calotype too; configs write \"example/euler\" for this one\n"));
  CHECK(run_program(plugins, "plugin check " + own + "/schedulers.so --only is-accepted")
            .out.ends_with(": 1 passed, 0 failed, 0 skipped\n"));
  CHECK(twin.size() > 0);
}

TEST_CASE("plugins: a file in plugins.path is an error that names its folder") {
  const Plugins plugins;
  plugins.write("a.yaml", "model: x\nprompt: a cat\nplugins: {path: p/aborts.so}\n");
  const Ended e = run_program(plugins, "run a.yaml --dry-run");
  CHECK(e.code == 66);
  CHECK(e.err.ends_with("\na.yaml:3:17: plugins.path: want a folder, got the file \"" + plugins.library.string() +
                        "\"; name its folder, \"" + plugins.library.parent_path().string() + "\"\n"));
}

TEST_CASE("plugins: a lock pins what a config loads, as sha256sum knows it") {
  const Plugins plugins;
  plugins.add("breaks_contract.so");
  plugins.write("a.yaml", "scheduler: throwing\nmodel: x\nprompt: a cat\nplugins: {path: p}\n");
  const std::string lock = fs::canonical(plugins.path) / "plugins.lock";
  const Ended e = run_program(plugins, "plugin lock a.yaml");
  CHECK(e.err == "");
  CHECK(e.out == lock + "\n");
  CHECK(shell(plugins, "sha256sum -c --strict plugins.lock").out == "p/aborts.so: OK\np/breaks_contract.so: OK\n");
  CHECK(run_program(plugins, "plugin why throwing --config a.yaml").code == 0);
  plugins.write("p/breaks_contract.so", text_of(plugins.path / "p/breaks_contract.so") + "x");
  const std::string library = fs::canonical(plugins.path) / "p/breaks_contract.so";
  const Ended why = run_program(plugins, "plugin why throwing --config a.yaml"),
              run = run_program(plugins, "run a.yaml --dry-run");
  CHECK(why.code == 77);
  CHECK(why.err.starts_with(library + ": not the file that " + lock + " pins: want sha256 "));
  CHECK(why.err.ends_with(
      "; put the pinned file back, or pin this one: calotype plugin lock CONFIG [hash_not_pinned]\n"));
  CHECK(run.code == 77);
  CHECK(run.err.starts_with("a.yaml:1:12: scheduler \"throwing\" is refused: " + why.err));
  CHECK(run_program(plugins, "plugin lock a.yaml").code == 0);
  CHECK(run_program(plugins, "plugin why throwing --config a.yaml").code == 0);
  const std::string locked = text_of(lock), link = fs::canonical(plugins.path) / "p/link.so";
  fs::create_symlink("nowhere", link);
  const Ended unread = run_program(plugins, "plugin lock a.yaml");
  CHECK(unread.code == 74);
  CHECK(unread.err ==
        "plugin lock: " + link +
            ": cannot be read: want a file that this user may read, got No such file or directory; look at it "
            "with ls -lL [not_readable]\n");
  CHECK(text_of(lock) == locked);
  fs::remove(link);
  CHECK(run_program(plugins, "plugin lock").err == "plugin lock: want a config\n");
  CHECK(run_program(plugins, "plugin lock none.yaml").err == "none.yaml: no such file\n");
  plugins.write("plugins.lock", "no lock\n");
  CHECK(run_program(plugins, "run a.yaml --dry-run").err ==
        lock + ":1: want a sha256, two spaces and a path, got \"no lock\"; calotype plugin lock CONFIG writes it\n");
}

TEST_CASE("plugins: plugins.allow lets in the named vendors, and the host's own") {
  const Plugins plugins;
  const std::string config = "scheduler: aborting\nmodel: x\nprompt: a cat\nplugins: {path: p, allow: ";
  plugins.write("a.yaml", config + "acme}\n");
  CHECK(run_program(plugins, "run a.yaml --dry-run")
            .err.starts_with("a.yaml:1:12: scheduler \"aborting\" is refused: " + plugins.library.string() +
                             ": of a vendor that plugins.allow does not name: want one of acme, got no vendor; add "
                             "the vendor to plugins.allow, if you trust it "
                             "[vendor_not_allowed]\n"));
  CHECK(run_program(plugins, "plugin why karras --config a.yaml").code == 0);
  for (const auto& [value, message] :
       {std::pair{"", "a.yaml:4:20: plugins.allow: want a vendor or a list of vendors, got nothing\n"},
        {"[acme, [a]]", "a.yaml:4:34: plugins.allow[1]: want a vendor, got a list\n"}}) {
    plugins.write("a.yaml", config + value + "}\n");
    CHECK(run_program(plugins, "run a.yaml --dry-run").err.ends_with(std::string("\n") + message));
  }
}

TEST_CASE("plugins: --builtin-only and --without leave plugins out") {
  const Plugins plugins;
  plugins.add("breaks_contract.so");
  const Ended builtin = plugins.with("plugin why aborting --builtin-only");
  CHECK(builtin.code == 78);
  CHECK(builtin.out.find("  p (CALOTYPE_PLUGIN_PATH): left out: only what came with the host was asked for\n") !=
        std::string::npos);
  CHECK(plugins.with("list schedulers --builtin-only").out.find("rising") == std::string::npos);
  CHECK(plugins.with("sigmas karras --steps 3 --builtin-only").code == 0);
  CHECK(plugins.with("sigmas short --steps 3 --builtin-only").code == 78);
  const std::string without = plugins.with("list schedulers --without rising --without aborts.so").out;
  CHECK(without.find("rising") == std::string::npos);
  CHECK(without.find("aborting") == std::string::npos);
  CHECK(without.find("endless") != std::string::npos);
  CHECK(
      plugins.with("show rising --without breaks_contract").err.starts_with("show: scheduler \"rising\" is refused: "));
  CHECK(plugins.with("sigmas rising --steps 3 --without breaks_contract")
            .err.ends_with(": left out: want a run without that option, got --without breaks_contract; take it "
                           "away [left_out]\n"));
  const Ended unknown = plugins.with("list --without risng");
  CHECK(unknown.code == 78);
  CHECK(unknown.err.starts_with("--without risng: unknown plugin or id \"risng\"; did you mean \"rising\"? known: "));
}

TEST_CASE("plugins: one that crashed is refused with what it printed, until --retry") {
  const Plugins plugins;
  setenv("XDG_CACHE_HOME", (plugins.path / ".cache").c_str(), 1);
  calotype::remember_crash({plugins.library, SIGABRT, "dlopen", "terminate called\nAborted\n"});
  unsetenv("XDG_CACHE_HOME");
  const Ended e = plugins.with("plugin why aborting");
  CHECK(e.code == 77);
  CHECK(e.err == plugins.library.string() +
                     ": ended the process that tried it: want a plugin that ends no "
                     "process, got SIGABRT in dlopen; rebuild it, "
                     "or try this file again with --retry [crashed]\n");
  const std::string listed = plugins.with("list plugins").out;
  CHECK(listed.find("refused: crashed\n") != std::string::npos);
  CHECK(listed.ends_with("  output        terminate called\n  output        Aborted\n"));
  CHECK(json::parse(plugins.with("plugin why aborting --json").out)["folders"][1]["candidates"][0]["output"] ==
        "terminate called\nAborted\n");
  CHECK(plugins.with("plugin why aborting --retry").code == 0);
  CHECK(plugins.with("plugin why aborting").code == 0);
}

TEST_CASE("plugins: a program that runs with more rights than its user searches no folder of the environment") {
  const Plugins plugins;
  if (geteuid() != 0) return;  // who else could make one
  const fs::path program = plugins.path / "setuid";
  fs::copy_file(kProgram, program);
  REQUIRE(chown(program.c_str(), 65534, 65534) == 0);
  REQUIRE(chmod(program.c_str(), 04755) == 0);
  const Ended e = shell(plugins, "CALOTYPE_PLUGIN_PATH=p ./setuid plugin why aborting");
  if (e.code == 127 || e.code == 126) return;  // its libraries lie where it may not read
  const bool is_told =
      e.out.find("  p (CALOTYPE_PLUGIN_PATH): ignored: this program runs with more rights than its user\n") !=
      std::string::npos;
  const bool has_no_rights = e.out.find("accepted") != std::string::npos;  // a file system that is mounted so
  if (!has_no_rights) CHECK(is_told);
  if (!has_no_rights) CHECK(e.code == 78);
}

TEST_CASE("docs: docs/plugins.md has every code of a refusal") {
  std::string table;
  for (const auto& [code, meaning] : calotype::refusal_codes())
    table += "| `" + std::string(code) + "` | " + std::string(meaning) + " |\n";
  CHECK(text_of(CALOTYPE_SOURCE "/docs/plugins.md").find(table) != std::string::npos);
}

TEST_CASE("plugins: show prints from which threads an entry may be called") {
  const Plugins plugins;
  plugins.add("lifetime/one_at_a_time.so");
  CHECK(plugins.with("show one_at_a_time").out.find("\n  threads       instance\n") != std::string::npos);
  CHECK(json::parse(plugins.with("show one_at_a_time --json").out)["threads"] == "instance");
  CHECK(plugins.with("show karras").out.find("\n  threads       reentrant\n") != std::string::npos);
}

TEST_CASE("plugins: one that has libraries loaded from the working folder is refused") {
  const Folder folder;
  folder.write("a.c", "int a(void) { return 1; }\n");
  fs::create_directory(folder.path / "rel");
  const std::string build =
      "cc -shared -fPIC a.c -o rel/liba.so && " CALOTYPE_CXX " -std=c++20 -shared -fPIC -I" CALOTYPE_SOURCE
      "/sdk/include " CALOTYPE_SOURCE "/sdk/example/ease.cpp -Wl,--no-as-needed -o p.so ";
  const auto why = [&](const std::string& with) {
    REQUIRE(shell(folder, build + with).code == 0);
    const Ended ended = run_program(folder, "plugin why ./p.so");
    return ended.out + ended.err;
  };
  CHECK(why("rel/liba.so").find("a need of \"rel/liba.so\"") != std::string::npos);
  CHECK(why("-Lrel -la -Wl,-rpath,rel").find("run path \"rel\"") != std::string::npos);
  CHECK(why("-Lrel -la -Wl,-rpath,/opt:").find("run path \"/opt:\"") != std::string::npos);
  CHECK(why("-Lrel -la -Wl,-rpath,'$ORIGIN/rel'").find("run_path") == std::string::npos);
}

TEST_CASE("plugins: one that has libraries loaded from a folder that it names in whole is refused under a lock") {
  const Folder folder;
  fs::create_directory(folder.path / "p");
  const std::string config = "model: m\nprompt: a cat\nscheduler: ease\nplugins: {path: p}\n";
  folder.write("a.yaml", config);
  const auto build = [&](const std::string& with) {
    REQUIRE(shell(folder, CALOTYPE_CXX " -std=c++20 -shared -fPIC -I" CALOTYPE_SOURCE "/sdk/include " CALOTYPE_SOURCE
                                       "/sdk/example/ease.cpp -o p/ease.so " +
                              with)
                .code == 0);
  };
  const std::string reason =
      "loads libraries that plugins.lock does not pin: want none by a "
      "whole "
      "path, and none from a folder above its own, got the run path \"/opt/mine:$ORIGIN\"; link it without a run path, "
      "and what it needs into it [run_path]\n";
  build("-Wl,-rpath,'/opt/mine:$ORIGIN'");
  const std::string library = (fs::canonical(folder.path) / "p/ease.so").string();
  CHECK(run_program(folder, "plugin lock a.yaml").err == "plugins.lock: " + library + ": " + reason);
  CHECK(run_program(folder, "plugin why ease --config a.yaml").out.find("accepted") != std::string::npos);
  REQUIRE(shell(folder, "sha256sum p/ease.so > plugins.lock").code == 0);
  const Ended refused = run_program(folder, "plugin why ease --config a.yaml");
  CHECK((refused.out + refused.err).find(reason) != std::string::npos);
  build("");
  CHECK(run_program(folder, "plugin lock a.yaml").code == 0);
  CHECK(run_program(folder, "plugin why ease --config a.yaml").out.find("accepted") != std::string::npos);
}
