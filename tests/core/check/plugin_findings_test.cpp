// The messages of `calotype plugin check` that the mutants of mutants_test.cpp do not produce.
#include <calotype/version.h>
#include <doctest/doctest.h>
#include <elf.h>

#include <map>
#include <utility>

#include "check/check.h"
#include "check/guarded_memory.h"
#include "core/changed_library.h"
#include "core/checked.h"
#include "core/program.h"

using namespace changed_library_test;
using namespace checked_test;
using namespace program_test;

namespace {

const std::string kCheck = CALOTYPE_PLUGIN_PROGRAM " check ", kCheckLoader = CALOTYPE_PROGRAM " plugin check ";
const std::string kOdd = CALOTYPE_FIXTURES "/odd/odd_library.so";

std::string mutant(const std::string& name) {
  return CALOTYPE_MUTANTS "/" + name + ".so";
}

/// The messages of one check, "entry: why", if it failed or was skipped for a reason of its own.
Texts reported(const std::string& command, const std::string& check) {
  Texts out;
  const Checked checked = run_check(command + " --only " + check + " --level quick");
  for (const Texts& all : {checked.failed, checked.skipped})
    for (const std::string& text : all)
      if (text.starts_with(check + ": ") && text.find(": needs ") == text.npos)
        out.push_back(text.substr(check.size() + 2));
  return out;
}

/// The only message.
std::string only_told(const std::string& command, const std::string& check) {
  const Texts all = reported(command, check);
  return all.size() == 1 ? all[0] : std::to_string(all.size()) + " texts: " + joined(all);
}

}  // namespace

TEST_CASE("plugin check: messages of checks that fail in another way than their mutants") {
  std::map<std::pair<std::string, std::string>, Texts> wanted;  // by library and check
  std::ifstream in(CALOTYPE_SOURCE "/tests/mutants/variants/expected_failures.txt");
  for (std::string line; std::getline(in, line);) {
    const size_t space = line.find(' '), colon = line.find(": ");
    if (!line.starts_with('#'))
      wanted[{line.substr(0, space), line.substr(space + 1, colon - space - 1)}].push_back(line.substr(colon + 2));
  }
  REQUIRE(wanted.size() >= 8);
  for (const auto& [where, patterns] : wanted) {
    const auto& [library, check] = where;
    const Texts found = reported(
        (library == "loaders" ? kCheckLoader : kCheck) + CALOTYPE_MUTANTS "/variants/" + library + ".so", check);
    CHECK_MESSAGE(found.size() == patterns.size(), check << ": " << joined(found));
    for (const std::string& pattern : patterns) {
      bool is_told = false;
      for (const std::string& text : found) is_told = is_told || is_like(text, pattern);
      CHECK_MESSAGE(is_told, check << ": want " << pattern << ", got " << joined(found));
    }
  }
}

TEST_CASE("plugin check: messages about a manifest") {
  const Folder folder;
  const std::string file = folder.path / "noted.so", start = R"({"kind":"scheduler","id":"x","summary":")",
                    setting = R"(x","settings":[{"name":"a","doc":"d")";
  const auto says = [&](const std::string& json, const std::string& check) {
    write_changed(file, mutant("sigmas-hold-at-corners"), with_json(json));
    return only_told(kCheck + file, check);
  };
  CHECK(says(start + R"(x","aliases":["My x"],"settings":[]})", "ids-are-plain") ==
        ": scheduler \"x\": want aliases of a-z, 0-9, _ - . @, got \"My x\"");
  CHECK(says(start + R"(x","sdk":"9.0.0","settings":[]})", "note-members-are-known") ==
        ": it was built with the SDK 9.0.0; this program knows the manifests of " CALOTYPE_VERSION);
  CHECK(says(start + R"(x\ny","settings":[]})", "has-summaries") ==
        ": scheduler \"x\": want a summary of one line, got several");
  CHECK(says(start + std::string(121, 'x') + R"(","settings":[]})", "has-summaries") ==
        ": scheduler \"x\": want a summary of at most 120 bytes, got 121");
  CHECK(says(start + R"(x","settings":[{"name":"A","type":"text","default":""}]})", "setting-names-are-plain") ==
        ": scheduler \"x\": want a setting's name of a-z, 0-9, _ - . @, got \"A\"");
  CHECK(says(start + setting + R"(,"type":"text","default":"","formerly":"b|a"}]})", "setting-names-are-plain") ==
        ": scheduler \"x\": want older names of a-z, 0-9, _ - . @ that no other setting has, got \"a\"");
  CHECK(says(start + setting + R"(,"type":"number","default":1,"min":2,"max":0}]})", "defaults-are-in-range") ==
        ": scheduler \"x\": the setting \"a\" has a minimum above its maximum");
  CHECK(says(start + setting + R"(,"type":"choice","default":"c","choices":"a|b"}]})", "defaults-are-in-range") ==
        ": scheduler \"x\": the default of \"a\" is not one of its choices");
  write_changed(file, mutant("names-are-unique"), [](std::string& b, size_t) {
    replace(b, R"("id":"second","aliases":["mutant"])", R"("id":"mutant","aliases":["first"] )");
  });
  CHECK(is_like(only_told(kCheck + file, "names-are-unique"),
                ": scheduler \"*\": its name is also the name of another entry of this library"));
}

TEST_CASE("plugin check: messages about a table, and about loading") {
  const auto says = [](const std::string& odd, const std::string& check) {
    return only_told("CALOTYPE_ODD=" + odd + " " + kCheck + kOdd, check);
  };
  CHECK(says("small-table", "table-is-whole") == ": want a table of 24 bytes or more, got 4");
  CHECK(says("no-entry", "table-is-whole") == ": entry 0 is null");
  CHECK(says("small-entry", "table-is-whole") == ": entry 0: want 24 bytes or more, got 4");
  CHECK(says("no-id", "table-is-whole") == ": entry 0 has no id");
  CHECK(says("throwing", "exports-the-table") == ": threw something that is not a std::exception");
  CHECK(says("elsewhere", "loading-keeps-folder") == ": it changes the working folder when it is loaded");
}

TEST_CASE("plugin check: a check is skipped if the system lacks the resources for it") {
  CHECK(run_check("CALOTYPE_ODD=no-room " + kCheck + kOdd + " --only needs-little-stack").skipped ==
        Texts{"needs-little-stack: scheduler odd: no thread can be created"});
  CHECK_THROWS_WITH_AS(calotype::check::Walled(size_t(1) << 60), "no memory can be allocated",
                       calotype::check::Skipped);
}

TEST_CASE("plugin check: messages about wrong headers, and about strip") {
  const Folder folder;
  const std::string file = folder.path / "cut.so", cut = "its headers point past the end of the file";
  write_changed(file, kOdd, [](std::string& b, size_t) {  // of a section that nothing needs to load it
    Elf64_Ehdr header{};
    std::memcpy(&header, b.data(), sizeof header);
    for (size_t at = header.e_shoff, type = 0; type != SHT_DYNSYM; at += sizeof(Elf64_Shdr)) {
      type = reinterpret_cast<const Elf64_Shdr*>(&b[at])->sh_type;
      if (type == SHT_DYNSYM) put(b, at + offsetof(Elf64_Shdr, sh_offset), ~0u);
    }
  });
  CHECK(only_told(kCheck + file, "exports-nothing-else") == ": " + cut);
  CHECK(only_told(kCheck + file, "works-after-strip") == ": strip cannot read it");
  CHECK(only_told("PATH=/nowhere " + kCheck + file, "works-after-strip") == ": the program strip is not installed");
  // a strip that takes more than it should
  folder.write("strip", "#!/bin/sh\ncp \"$LEFT\" \"$2\"\n");
  fs::permissions(folder.path / "strip", fs::perms::owner_all);
  folder.write("text.so", "no library");
  const auto says = [&](const std::string& left, const std::string& of) {
    return only_told("PATH=" + folder.path.string() + ":$PATH LEFT=" + left + " " + kCheck + of, "works-after-strip");
  };
  CHECK(says(folder.path / "text.so", kOdd) ==
        ": after strip it is refused: no shared library: want an "
        "ELF "
        "file, got a file that does not begin with \"\\x7fELF\"; give the "
        ".so that the build makes [not_elf]");
  CHECK(says(mutant("repeats"), mutant("names-are-unique")) == ": strip removes some of its manifests");
  CHECK(says(mutant("exports-the-table"), mutant("repeats")) == ": its table has no scheduler \"mutant\"");
}

TEST_CASE("plugin check: a process that ends for lack of memory is not the plugin's fault") {
  const Folder folder;
  const Ended killed = shell(folder, "CALOTYPE_ODD=killed " + kCheck + kOdd + " --only opens");
  CHECK(killed.code == 75);
  CHECK(killed.err == kOdd +
                          ": the check opens cannot be made: SIGKILL ended its process, as the system does where "
                          "memory runs out; want more "
                          "memory\n");
}

TEST_CASE("plugin check: folders of killed checks are removed, others stay") {
  const Folder folder;
  for (const char* left : {"calotype_check_1", "calotype_check_2", "mine"}) {
    fs::create_directory(folder.path / left);
    folder.write(std::string(left) + "/stripped.so", "a copy");
  }
  CHECK(
      shell(folder, "exec 9< calotype_check_2 && flock 9 && TMPDIR=. " + kCheck + kOdd + " --only is-accepted").code ==
      0);
  CHECK(!fs::exists(folder.path / "calotype_check_1"));
  CHECK(fs::exists(folder.path / "calotype_check_2/stripped.so"));
  CHECK(fs::exists(folder.path / "mine/stripped.so"));
}

TEST_CASE("plugin check: if it cannot run, it reports why") {
  const Folder folder;
  const auto ended = [&](const std::string& before, const std::string& after) {
    return shell(folder, before + " " + kCheck + kOdd + " --only is-accepted " + after);
  };
  const Ended full = ended("ulimit -n 5;", "");
  CHECK(full.code == 74);
  CHECK(full.err.ends_with(": Too many open files\n"));  // of which, depends on what is open here
  const Ended unmade = ended("TMPDIR=/proc", "");
  CHECK(unmade.code == 73);
  CHECK_MESSAGE(is_like(unmade.err, "/proc/calotype_check_*: cannot be made: No such file or directory\n"), unmade.err);
  const Ended nowhere = ended("TMPDIR=/nowhere", "");
  CHECK(nowhere.code == 73);
  CHECK(nowhere.err == "TMPDIR: want a folder: No such file or directory\n");
  fs::create_directory(folder.path / "report");
  CHECK(ended("", "--junit report").err == "report: cannot be written: Is a directory\n");
  const Ended unread = ended("", ">/dev/full");
  CHECK(unread.code == 74);
  CHECK(unread.err == "standard output cannot be written to\n");
}

TEST_CASE("plugin check: a built-in name in a plugin without a vendor gets a note") {
  const Folder folder;
  write_changed(folder.path / "karras.so", mutant("repeats"),
                [](std::string& b, size_t) { replace(b, R"("id":"mutant")", R"("id":"karras")"); });
  CHECK(
      run_program(folder, "plugin check karras.so --only is-accepted")
          .out.ends_with("note: scheduler \"karras\" comes with Calotype too; configs write \"VENDOR/karras\" for this "
                         "one, whose vendor is not "
                         "declared yet\n"));
}
