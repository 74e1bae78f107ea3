// `calotype plugin check` as its user sees it. mutants_test.cpp tests that each check finds what it is for.
#include <doctest/doctest.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <vector>

#include "core/program.h"

using namespace program_test;
using nlohmann::json;

namespace {

const std::string kPlugins = CALOTYPE_BUILD "/lib/calotype/plugins/";

/// The program of the SDK: it has no libtorch and starts at once.
Ended check(const Folder& folder, const std::string& arguments) {
  return shell(folder, CALOTYPE_PLUGIN_PROGRAM " check " + arguments);
}

std::vector<json> lines(const std::string& out) {
  std::vector<json> all;
  std::istringstream in(out);
  for (std::string line; std::getline(in, line);) all.push_back(json::parse(line));
  return all;
}

/// "check: entry: why" of every check that failed.
std::vector<std::string> failures(const std::string& out) {
  std::vector<std::string> all;
  for (const json& o : lines(out))
    if (o["verdict"] == "failed")
      all.push_back(o["check"].get<std::string>() + ": " + o["entry"].get<std::string>() + ": " +
                    o["why"].get<std::string>());
  return all;
}

/// Compiles NAME.cpp in the folder into NAME.so, as calotype_add_plugin() does.
Ended build(const Folder& folder, const std::string& name, const std::string& text) {
  folder.write(name + ".cpp", text);
  return shell(
      folder,
      CALOTYPE_CXX
          " -std=c++20 -shared -fPIC -fvisibility=hidden -fvisibility-inlines-hidden -fno-gnu-unique -I" CALOTYPE_SOURCE
          "/sdk/include " +
          name + ".cpp -o " + name + ".so");
}

std::string mutant(const std::string& name) {
  return CALOTYPE_MUTANTS "/" + name + ".so";
}

}  // namespace

TEST_CASE("plugin check: both programs print the same for a plugin without libtorch") {
  const Folder folder;
  const Ended a = check(folder, mutant("repeats") + " --only repeats"),
              b = run_program(folder, "plugin check " + mutant("repeats") + " --only repeats");
  CHECK(a.code == 1);
  CHECK(b.code == 1);
  CHECK(a.out == b.out);
  CHECK(a.err + b.err == "");
}

TEST_CASE("plugin check: a loader or pipeline needs the program with libtorch") {
  const Folder folder;
  const Ended e = check(folder, kPlugins + "pipelines.so");
  CHECK(e.code == 64);
  CHECK(e.out == "");
  CHECK(e.err ==
        "plugin check: want a scheduler or sampler, got a loader or pipeline, which is built for a host's libtorch; "
        "check it with `calotype plugin check`\n");
}

TEST_CASE("plugin check: a failure prints the sentence, what was found and what the plugin wrote") {
  const Folder folder;
  const Ended e = check(folder, mutant("is-silent") + " --only is-silent --quiet");
  CHECK(e.code == 1);
  CHECK(e.err == "");
  CHECK(e.out ==
        "failed  is-silent                         scheduler mutant: it writes nothing to standard output and error\n"
        "          it writes to standard output or error\n"
        "          it wrote: hello\nhello\nhello\n" +
            mutant("is-silent") + ": 5 passed, 1 failed, 0 skipped\n");
}

TEST_CASE("plugin check: without --quiet every check has a line, and a skipped one also its reason") {
  const Folder folder;
  const Ended e = check(folder, mutant("table-is-whole") + " --only is-silent");
  CHECK(e.out ==
        "passed  is-accepted                       the host accepts its manifests\n"
        "passed  opens                             it can be loaded, and all symbols that it uses are found\n"
        "passed  exports-the-table                 it exports its table as calotype_library\n"
        "failed  table-is-whole                    every entry of its table has a size, an id and an implementation\n"
        "          entry 0, \"mutant\", has no implementation\n"
        "skipped table-has-the-notes               its table has every entry of its manifests\n"
        "          needs table-is-whole\n"
        "skipped is-silent                         scheduler mutant: it writes nothing to standard output and error\n"
        "          needs table-has-the-notes\n" +
            mutant("table-is-whole") + ": 3 passed, 1 failed, 2 skipped\n");
}

TEST_CASE("plugin check: a plugin is called only from threads that it allows") {
  const Folder folder;
  const auto skipped = [&](const std::string& library, const std::string& only) {
    const json last =
        lines(check(folder, CALOTYPE_LIFETIME "/" + library + ".so --only " + only + " --json").out).back();
    return last["check"].get<std::string>() + " " + last["verdict"].get<std::string>() + ": " +
           last["why"].get<std::string>();
  };
  CHECK(skipped("one_at_a_time", "is-thread-safe") == "is-thread-safe skipped: it declares threads: instance");
  CHECK(skipped("main_only", "is-thread-safe") == "is-thread-safe skipped: it declares threads: main");
  CHECK(skipped("main_only", "needs-little-stack") == "needs-little-stack skipped: it declares threads: main");
  CHECK(skipped("main_only", "sampler-is-thread-safe") == "sampler-is-thread-safe skipped: it declares threads: main");
}

TEST_CASE("plugin check: a crash is reported with the plugin's current call") {
  const Folder folder;
  const json last = lines(check(folder, mutant("survives-infinity") + " --only survives-infinity --json").out).back();
  CHECK(last["why"] == "ended by SIGABRT in scheduler.sigmas, 1 steps");
  CHECK(last["signal"] == SIGABRT);
  CHECK(last["last_call"] == "scheduler.sigmas, 1 steps");
  CHECK(last["entry"] == "scheduler mutant");
  CHECK(last["verdict"] == "failed");
  CHECK(last["sentence"] == "infinite sigmas do no harm");
  CHECK(last["seconds"].get<double>() > 0);
}

TEST_CASE("plugin check: a plugin that does not return is ended, and one that ends the process is reported") {
  const Folder folder;
  const Ended late = check(folder, mutant("survives-no-steps") + " --only survives-no-steps --time-limit 1 --json");
  CHECK(failures(late.out) ==
        std::vector<std::string>{
            "survives-no-steps: scheduler mutant: did not end within 1 s in scheduler.sigmas, 0 steps"});
  const Ended ended = check(folder, mutant("survives-absurd-levels") + " --only survives-absurd-levels --json");
  CHECK(failures(ended.out) == std::vector<std::string>{"survives-absurd-levels: scheduler mutant: the plugin ended "
                                                        "the process with exit code 3 in scheduler.sigmas, 1 steps"});
}

TEST_CASE("plugin check: hosts refuse a plugin that crashed as long as its file does not change") {
  const Folder folder;
  const std::string file = (folder.path / "crashing.so").string();
  fs::copy_file(mutant("survives-infinity"), file);
  const Ended e = run_program(folder, "plugin check crashing.so --only survives-infinity --quiet");
  CHECK(e.code == 1);
  CHECK(e.out ==
        "failed  survives-infinity                 scheduler mutant: infinite sigmas do no harm\n"
        "          ended by SIGABRT in scheduler.sigmas, 1 steps\n"
        "crashing.so: 5 passed, 1 failed, 0 skipped\n"
        "crashing.so: refused by hosts from now on, as it is; --retry lets it in\n");
  const std::string show = "CALOTYPE_PLUGIN_PATH=. " CALOTYPE_PROGRAM " show mutant";
  const Ended refused = shell(folder, show);
  CHECK(refused.code == 77);
  CHECK(refused.err == "show: scheduler \"mutant\" is refused: " + file +
                           ": ended the process that tried it: want a "
                           "plugin that ends no process, got SIGABRT in scheduler.sigmas, 1 steps; "
                           "rebuild it, or try this file again with --retry [crashed]\n");
  // it can be checked again all the same, and a part of the checks does not let it in
  CHECK(run_program(folder, "plugin check crashing.so --only is-silent").code == 0);
  CHECK(shell(folder, show).code == 77);
}

TEST_CASE("plugin check: hosts accept a plugin again when all checks end without a crash") {
  const Folder folder;
  // crashes where a variable is set, else in no check
  const Ended built = build(
      folder, "odd",
      "#include <calotype/scheduler.h>\n#include <cstdlib>\nusing namespace calotype;\n"
      "static constexpr Info kInfo{.id = \"odd\", .summary = \"Odd\"};\n"
      "static std::vector<double> sigmas(int steps, const ModelSigmas& levels, const Settings&) {\n"
      "  if (std::getenv(\"CRASH\")) std::abort();\n  std::vector<double> out;\n"
      "  for (int i = 0; i <= steps; ++i) out.push_back(steps ? levels.sigma_max() * (steps - i) / steps : 0);\n  "
      "return out;\n}\n"
      "CALOTYPE_SCHEDULER_ENTRY(kInfo, sigmas);\n");
  REQUIRE(built.code == 0);
  const std::string show = "CALOTYPE_PLUGIN_PATH=. " CALOTYPE_PROGRAM " show odd";
  CHECK(shell(folder, "CRASH=1 " CALOTYPE_PROGRAM " plugin check odd.so --only is-silent").code == 1);
  CHECK(shell(folder, show).code == 77);
  CHECK(run_program(folder, "plugin check odd.so --quiet").code == 0);
  CHECK(shell(folder, show).code == 0);
}

TEST_CASE(
    "plugin check: for a sampler that passes released latents, the message names the host call, and a run blames the "
    "sampler too") {
  const Folder folder;
  const Ended built =
      build(folder, "stale",
            "#include <calotype/sampler.h>\nusing namespace calotype;\n"
            "static int32_t sample(const calotype_sampler_host* host, const calotype_settings*, uint32_t, const "
            "double* sigmas,\n"
            "                      calotype_latents** x, calotype_message*) {\n"
            "  calotype_latents* denoised = nullptr;\n"
            "  if (const int32_t status = host->denoise(host->context, *x, sigmas[0], &denoised)) return status;\n"
            "  host->release(host->context, denoised);\n  const double one = 1;\n"
            "  return host->combine(host->context, 1, &one, &denoised, x);\n}\n"
            "static constexpr calotype_sampler kStale{sizeof(calotype_sampler), sample};\n"
            "static constexpr Info kInfo{.id = \"stale\", .summary = \"Stale\", .pairs_with = \"karras\"};\n"
            "CALOTYPE_ENTRY(CALOTYPE_SAMPLER, 1u, kInfo, \"\", &kStale);\n");
  REQUIRE(built.err == "");
  CHECK(failures(check(folder, "stale.so --only sampler-runs --json").out) ==
        std::vector<std::string>{
            "sampler-runs: sampler stale: 20 steps: status 2, \"\"; it passes combine latents that it has released"});
  const Ended run = shell(folder, "CALOTYPE_PLUGIN_PATH=. " CALOTYPE_PROGRAM " run " CALOTYPE_SOURCE
                                  "/configs/demo.yaml --set sampler=stale --set steps=2");
  CHECK(run.code == 70);
  CHECK(run.err == "sampler \"stale\" (stale.so): combine: want latents that it holds, got some that it gave back\n");
}

TEST_CASE("sdk: a sum of latents that outlives its expression does not compile, with a reason") {
  const Folder folder;
  const std::string start =
      "#include <calotype/ode.h>\n#include <calotype/sampler.h>\nusing namespace calotype;\n"
      "void solve(const Sampling& s, Latents& x) {\n  const ";
  const auto compile = [&](const std::string& body) {
    folder.write("sum.cpp", start + body + "\n}\n");
    return shell(folder, CALOTYPE_CXX " -std=c++20 -fsyntax-only -I" CALOTYPE_SOURCE "/sdk/include sum.cpp");
  };
  CHECK(compile("Latents k = slope(x, s.denoise(x, 1), 1); x = x + 2 * k - s.denoise(k, 1) / 2;").err == "");
  const std::string reported =
      "error: static assertion failed: a sum of latents lives in its own expression only: write `const Latents "
      "d = ...`, not `const auto d = ...`";
  for (const char* use : {"x = k;", "Latents y = k;", "x = x + k;", "x = -k * 2;"})
    CHECK(compile(std::string("auto k = slope(x, s.denoise(x, 1), 1); ") + use).err.find(reported) !=
          std::string::npos);
}

TEST_CASE("plugin check: a scheduler is called with its recommended steps, and must declare them if it refuses 20") {
  const Folder folder;
  const auto picky = [&](const std::string& name, const std::string& info, const std::string& refusal) {
    const std::string text =
        "#include <calotype/scheduler.h>\nusing namespace calotype;\n"
        "static constexpr Info kInfo{.id = \"picky\", .summary = \"Picky\"" +
        info +
        "};\n"
        "static std::vector<double> sigmas(int steps, const ModelSigmas& levels, const Settings&) {\n"
        "  std::vector<double> out;\n"
        "  for (int i = 0; i <= steps; ++i) out.push_back(steps ? levels.sigma_max() * (steps - i) / steps : 0);\n  " +
        refusal + "\n  return out;\n}\nCALOTYPE_SCHEDULER_ENTRY(kInfo, sigmas);\n";
    REQUIRE(build(folder, name, text).err == "");
    return check(folder, name + ".so --level quick --json");
  };
  const std::string refuses = "if (steps < 40) throw Error(\"want 40 steps or more\");";
  const Ended good = picky("good", ", .steps = {40, 60}", refuses);
  CHECK(failures(good.out) == std::vector<std::string>{});
  for (const json& o : lines(good.out)) CHECK(o["verdict"] == "passed");
  CHECK(failures(picky("mute", "", refuses).out) ==
        std::vector<std::string>{"takes-its-own-steps: scheduler picky: it declares no steps and refuses 20: want 40 "
                                 "steps or more; declare which "
                                 "it accepts: Info::steps, in C \"steps\": [low, high]"});
  CHECK(failures(picky("less", "", "if (steps == 20) out.pop_back();").out) ==
        std::vector<std::string>{
            "takes-its-own-steps: scheduler picky: 20 steps: want 21 sigmas for 20 steps, got 20",
            "status-is-known: scheduler picky: 20 steps: want 21 sigmas for 20 steps, got 20; want numbers, or "
            "a calotype::Error with the reason"});
}

TEST_CASE("plugin check: an exception other than Error is a defect of the plugin, in a check and in a run") {
  const Folder folder;
  REQUIRE(build(folder, "careless",
                "#include <calotype/scheduler.h>\nusing namespace calotype;\n"
                "static constexpr Info kInfo{.id = \"careless\", .summary = \"Careless\"};\n"
                "static std::vector<double> sigmas(int steps, const ModelSigmas&, const Settings&) {\n"
                "  if (steps == 3) throw Error(\"want other than 3 steps\");\n  return "
                "{std::vector<double>(2).at(size_t(steps))};\n}\n"
                "CALOTYPE_SCHEDULER_ENTRY(kInfo, sigmas);\n")
              .err == "");
  const std::string sigmas = "CALOTYPE_PLUGIN_PATH=. " CALOTYPE_PROGRAM " sigmas careless --steps ";
  const Ended defect = shell(folder, sigmas + "5"), answer = shell(folder, sigmas + "3");
  CHECK(defect.code == 70);
  CHECK(defect.err.starts_with("scheduler \"careless\": vector::_M_range_check: "));
  CHECK(answer.code == 78);
  CHECK(answer.err == "scheduler \"careless\": want other than 3 steps\n");
  const auto reported = failures(check(folder, "careless.so --only status-is-known --json").out);
  REQUIRE(reported.size() == 1);
  CHECK(reported[0] ==
        "status-is-known: scheduler careless: 1 steps: want 2 sigmas for 1 steps, got 1; want numbers, or a "
        "calotype::Error with the reason");
}

TEST_CASE("plugin check: --only also runs the checks that a check needs") {
  const Folder folder;
  const Ended e = check(folder, mutant("sigmas-fall") + " --only sigmas-end-at-0 --json");
  std::set<std::string> ids;
  for (const json& o : lines(e.out)) ids.insert(o["check"].get<std::string>());
  CHECK(e.code == 0);
  CHECK(ids == std::set<std::string>{"is-accepted", "opens", "exports-the-table", "table-is-whole",
                                     "table-has-the-notes", "sigmas-end-at-0"});
}

TEST_CASE("plugin check: the level quick tries less and still finds most failures") {
  const Folder folder;
  CHECK(check(folder, mutant("sigmas-fall") + " --level quick --only sigmas-fall").code == 0);
  CHECK(check(folder, mutant("repeats") + " --level quick --only repeats").code == 1);
}

TEST_CASE("plugin check: random settings come from the seed") {
  const Folder folder;
  const auto why = [&](const std::string& seed) {
    return failures(
        check(folder, mutant("sigmas-hold-in-between") + " --only sigmas-hold-in-between --json" + seed).out);
  };
  CHECK(why("") == why(" --seed 1"));
  CHECK(why("") != why(" --seed 2"));
}

TEST_CASE("plugin check: the JUnit report has every check and every failure") {
  const Folder folder;
  const Ended e = check(folder, mutant("sigmas-end-at-0") + " --only sigmas-end-at-0 --junit report.xml");
  const std::string report = text_of(folder.path / "report.xml");
  CHECK(e.code == 1);
  CHECK(report.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"" +
                           mutant("sigmas-end-at-0") + "\" tests=\"6\" failures=\"1\" skipped=\"0\" time=\""));
  CHECK(report.find("  <testcase classname=\"library\" name=\"opens\" time=\"") != std::string::npos);
  CHECK(report.find("<failure message=\"777 steps: the last sigma is 0.001000; want 0\">for 1 to 1,000 steps the last "
                    "sigma is 0\n</failure></testcase>\n</testsuite>\n") != std::string::npos);
  check(folder, mutant("opens") + " --only exports-the-table --junit report.xml");
  const std::string skipped = text_of(folder.path / "report.xml");
  CHECK(skipped.find("tests=\"3\" failures=\"1\" skipped=\"1\"") != std::string::npos);
  CHECK(skipped.find("\"><skipped message=\"needs opens\"/></testcase>\n") != std::string::npos);
}

TEST_CASE("plugin check: each error of the command line has its own message") {
  const Folder folder;
  const std::string file = mutant("repeats");
  CHECK(check(folder, "").err == "plugin check: want one library, got 0\n");
  CHECK(check(folder, "none.so").err == "none.so: no such file\n");
  CHECK(check(folder, "none.so").code == 66);
  CHECK(check(folder, ".").err == ".: is a folder; want a library, the .so that the build makes\n");
  CHECK(check(folder, file + " --only repaets")
            .err.starts_with("plugin check: unknown check \"repaets\"; did you mean \"repeats\"? known: repeats, "));
  CHECK(check(folder, file + " --level slow").err ==
        "plugin check: --level: unknown level \"slow\"; known: quick, full\n");
  CHECK(check(folder, file + " --level slow").code == 64);
  CHECK(check(folder, file + " --time-limit 0").err == "plugin check: --time-limit: want 1 or more, got 0\n");
  CHECK(check(folder, file + " --only opens --junit /dev/null/a.xml").code == 73);
}

TEST_CASE("plugin check: a file that is not a plugin fails one check, and all others are skipped") {
  const Folder folder;
  folder.write("text.so", "no library");
  const auto all = lines(check(folder, "text.so --json").out);
  CHECK(all[0]["check"] == "is-accepted");
  CHECK(all[0]["why"] ==
        "no shared library: want an ELF file, got a file that does not begin with \"\\x7fELF\"; give the .so that "
        "the "
        "build makes [not_elf]");
  for (size_t i = 1; i < all.size(); ++i) CHECK(all[i]["verdict"] == "skipped");
  const std::string text = check(folder, "text.so").out;
  CHECK(text == "failed  is-accepted                       the host accepts its manifests\n          " +
                    all[0]["why"].get<std::string>() + "\ntext.so: 0 passed, 1 failed, " +
                    std::to_string(all.size() - 1) + " skipped\n");
}

TEST_CASE("plugin check: both programs have help for it") {
  const Folder folder;
  const Ended group = run_program(folder, "plugin --help"), none = run_program(folder, "plugin"),
              own = check(folder, "--help");
  CHECK(group.code == 0);
  CHECK(
      group.out.find("  calotype plugin check FILE [--only CHECK ...]\n      holds a plugin to its contract, check by "
                     "check, each in a process of its own\n") != std::string::npos);
  CHECK(none.code == 64);
  CHECK(none.err == group.out);
  CHECK(own.code == 0);
  const Ended all = shell(folder, CALOTYPE_PLUGIN_PROGRAM " --help");
  CHECK(all.out.find(": writes and checks plugins for calotype\n") != std::string::npos);
  CHECK(all.out.find("  calotype-plugin check FILE [--only CHECK ...]\n") != std::string::npos);
  CHECK(own.out ==
        "usage: calotype-plugin check FILE [--only CHECK ...]\n"
        "holds a plugin to its contract, check by check, each in a process of its own\n\noptions:\n"
        "  --json                JSON on standard output, one object a line\n"
        "  -q [ --quiet ]        no progress on standard error; of checks the failures\n"
        "  --junit FILE          writes a report in JUnit's XML\n"
        "  --level quick|full    how thoroughly; full is the default\n"
        "  --only CHECK          this check only, and what it needs; may be given again\n"
        "  --seed N              of what is chosen at random; 1 is the default\n"
        "  --time-limit SECONDS  of one check; 30 is the default\n"
        "  -h [ --help ]         this text\n");
}
