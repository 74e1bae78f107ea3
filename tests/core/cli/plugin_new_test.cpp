// `calotype plugin new` as its user runs it. That what it writes builds, passes its tests and runs is tests/install's
// to check.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The text of each file below a folder.
std::map<std::string, std::string> tree(const fs::path& folder) {
  std::map<std::string, std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) out[fs::relative(entry.path(), folder)] = text_of(entry.path());
  return out;
}

/// A folder of a test's own; the program runs in it.
struct Folder {
  fs::path path = fs::temp_directory_path() / ("calotype_new_" + std::to_string(getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  /// Its exit status; what it prints is in `out` and `err`.
  int shell(const std::string& command) {
    const int status =
        std::system(("cd '" + path.string() + "' && { " + command + " ; } >.out 2>.err </dev/null").c_str());
    out = text_of(path / ".out"), err = text_of(path / ".err");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  int plugin_new(const std::string& words) { return shell(CALOTYPE_PROGRAM " plugin new " + words); }
  std::string out, err;
};

/// "" where a plugin of that name, kind and language is refused, and nothing written; else the error.
std::string refusal(const std::string& words, int status = 64) {
  Folder folder;
  CHECK(folder.plugin_new(words) == status);
  CHECK(folder.out == "");
  CHECK(tree(folder.path).size() == 2);  // .out and .err
  return folder.err;
}

}  // namespace

TEST_CASE("plugin new: sdk/example is what it writes") {
  Folder folder;
  REQUIRE(folder.plugin_new("ease --kind scheduler") == 0);
  CHECK(tree(folder.path / "ease") == tree(CALOTYPE_SOURCE "/sdk/example"));
}

TEST_CASE("plugin new: the three commands are printed, with what this program is called and where its package is") {
  Folder folder;
  REQUIRE(folder.plugin_new("ease --kind scheduler") == 0);
  CHECK(folder.err == "");
  CHECK(folder.out ==
        "ease: a scheduler in 7 files. Build and test it, check it, generate with it:\n\n"
        "  cmake -S ease -B ease/build -DCalotype_DIR=" CALOTYPE_BUILD
        "/sdk && cmake --build ease/build && ctest --test-dir ease/build --output-on-failure\n"
        "  " CALOTYPE_PROGRAM
        " plugin check ease/build/ease.so\n"
        "  " CALOTYPE_PROGRAM " run ease/ease.yaml\n");
  REQUIRE(folder.shell("PATH=" CALOTYPE_BUILD "/bin:$PATH; calotype plugin new other --kind sampler --lang c") == 0);
  CHECK(folder.out.find("\n  calotype plugin check other/build/other.so\n  calotype run other/other.yaml\n") !=
        std::string::npos);
}

TEST_CASE("plugin new: of the SDK alone, what needs the host is refused") {
  Folder folder;
  const std::string sdk = "mkdir -p bin; ln -f " CALOTYPE_PLUGIN_PROGRAM " bin/ || cp " CALOTYPE_PLUGIN_PROGRAM
                          " bin/; PATH=/usr/bin:/bin bin/calotype-plugin new ";
  REQUIRE(folder.shell(sdk + "ease --kind scheduler") == 0);
  const std::string own = fs::canonical(folder.path).string() + "/bin/calotype-plugin";
  CHECK(folder.out.ends_with(
      "/build --output-on-failure\n  " + own +
      " check ease/build/ease.so\n  calotype run ease/ease.yaml\n\n"
      "The last needs Calotype's host; there is no program `calotype` here, but the SDK alone.\n"));
  REQUIRE(folder.shell(sdk + "mine --kind loader") == 0);
  CHECK(folder.out.ends_with(
      "\n  calotype plugin check mine/build/mine.so\n  calotype run mine/mine.yaml\n\n"
      "All three need Calotype's host and its libtorch; there is no program `calotype` here, but the SDK alone.\n"));
}

TEST_CASE("plugin new: every kind and language has its files, and no word of the templates is left in them") {
  const std::map<std::string, std::string> sources{{"scheduler", "mine.cpp"},  {"scheduler --lang c", "mine.c"},
                                                   {"sampler", "mine.cpp"},    {"sampler --lang c", "mine.c"},
                                                   {"loader", "example.mine"}, {"pipeline", "mine.cpp"}};
  for (const auto& [kind, source] : sources) {
    CAPTURE(kind);
    Folder folder;
    REQUIRE(folder.plugin_new("mine --kind " + kind) == 0);
    const auto files = tree(folder.path / "mine");
    for (const char* name : {"CMakeLists.txt", "README.md", "mine.yaml", ".gitignore", ".github/workflows/ci.yml"})
      CHECK(files.count(name) == 1);
    CHECK(files.count(source) == 1);
    for (const auto& [name, text] : files)
      for (const char* word : {"@name@", "@kind@", "@file@"}) CHECK(text.find(word) == std::string::npos);
  }
}

TEST_CASE("plugin new: the scheduler in C of docs/scheduler-in-c-and-rust.md is what it writes") {
  Folder folder;
  REQUIRE(folder.plugin_new("ease --kind scheduler --lang c") == 0);
  const std::string page = text_of(CALOTYPE_SOURCE "/docs/scheduler-in-c-and-rust.md");
  CHECK(page.find("```c ease.c\n" + text_of(folder.path / "ease/ease.c") + "```") != std::string::npos);
}

TEST_CASE("plugin new: what a killed one left is removed") {
  Folder folder;
  fs::create_directories(folder.path / ".calotype-new-7/.github");
  REQUIRE(folder.plugin_new("ease --kind scheduler") == 0);
  CHECK(!fs::exists(folder.path / ".calotype-new-7"));
  CHECK(tree(folder.path / "ease") == tree(CALOTYPE_SOURCE "/sdk/example"));
}

TEST_CASE("plugin new: nothing that is there is written over") {
  Folder folder;
  for (const std::string make : {"mkdir mine", "echo text > mine", "ln -s nowhere mine"}) {
    REQUIRE(folder.shell("rm -rf mine; " + make) == 0);
    CHECK(folder.plugin_new("mine --kind scheduler") == 73);
    CHECK(folder.err == "mine: is there already; nothing was written\n");
  }
  CHECK(fs::is_symlink(folder.path / "mine"));
}

TEST_CASE("plugin new: a name that cannot be one is refused") {
  const std::string wanted =
      "plugin new: name: want a letter, then letters, digits and _, all lower case, at most 64, got ";
  for (const auto& name : std::vector<std::string>{"Ease", "1st", "a-b", "../up", "_a", std::string(65, 'a')})
    CHECK(refusal("--kind scheduler -- " + name) == wanted + "\"" + name + "\"\n");
  CHECK(refusal("test --kind scheduler") == "plugin new: name: \"test\" is a target of CMake's own; want another\n");
  for (const std::string name : {"null", "true", "no"})
    CHECK(refusal(name + " --kind scheduler") ==
          "plugin new: name: \"" + name + "\" is a value of YAML's own; want another\n");
  CHECK(refusal("--kind scheduler") == "plugin new: want one name, got 0\n");
  CHECK(refusal("a b --kind scheduler") == "plugin new: want one name, got 2\n");
}

TEST_CASE("plugin new: a kind or language that is none is refused") {
  CHECK(refusal("a") == "plugin new: want --kind scheduler, sampler, loader or pipeline, got none\n");
  CHECK(refusal("a --kind sheduler") ==
        "plugin new: --kind: unknown kind \"sheduler\"; did you mean \"scheduler\"? known: scheduler, sampler, loader, "
        "pipeline\n");
  CHECK(refusal("a --kind solver") ==
        "plugin new: --kind: unknown kind \"solver\"; known: scheduler, sampler, loader, pipeline\n");
  CHECK(refusal("a --kind sampler --lang rust") == "plugin new: --lang: unknown lang \"rust\"; known: c++, c\n");
  CHECK(refusal("a --kind loader --lang c") ==
        "plugin new: --lang: a loader is C++ over the host's libtorch; want c++, got c\n");
}

TEST_CASE("plugin new: a folder that cannot be written to is named, and nothing is left in it") {
  if (geteuid() == 0) return;  // root may write anywhere
  Folder folder;
  REQUIRE(folder.shell("mkdir shut && chmod 555 shut") == 0);
  CHECK(folder.shell("cd shut && " CALOTYPE_PROGRAM " plugin new mine --kind scheduler") == 73);
}
