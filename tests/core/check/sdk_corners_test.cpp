// What authors build with the SDK: other compilers, linkers, warnings and defaults than ours.
#include <calotype/note.h>
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cfloat>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "registry/manifest.h"

using namespace calotype;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = fs::canonical(fs::temp_directory_path()) / ("calotype_corners_" + std::to_string(getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

struct Ended {
  int status;
  std::string out;
};

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Ended run(const Folder& folder, const std::string& command) {
  const std::string out = (folder.path / "out").string();
  const int status =
      std::system(("cd " CALOTYPE_SOURCE " && { " + command + " ; } >" + out + " 2>&1 </dev/null").c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(out)};
}

bool is_there(const Folder& folder, const std::string& program) {
  const bool found = run(folder, "command -v " + program).status == 0;
  if (!found) MESSAGE("no " << program << " here");
  return found;
}

const std::string kInclude = " -std=c++20 -I" CALOTYPE_SOURCE "/sdk/include ",
                  kShared = " -O1 -shared -fPIC -fvisibility=hidden -fno-gnu-unique ";
const std::string kBody = R"(
std::vector<double> schedule(int steps, const ModelSigmas& levels, const Settings&) {
  std::vector<double> sigmas;
  for (int i = 0; i < steps; ++i) sigmas.push_back(levels.sigma_max() * (steps - i) / steps);
  sigmas.push_back(0);
  return sigmas;
}
}  // namespace
CALOTYPE_SCHEDULER_ENTRY(kInfo, schedule);
)";

/// A scheduler with that Info, and what else is declared before it.
std::string scheduler(const std::string& info, const std::string& before = "") {
  return "#include <calotype/scheduler.h>\n#include <cfloat>\nnamespace {\nusing namespace calotype;\n" + before +
         "\nconstexpr Info kInfo{" + info + "};\n" + kBody;
}

std::string write(const Folder& folder, const std::string& name, const std::string& text) {
  std::ofstream(folder.path / name) << text;
  return (folder.path / name).string();
}

/// The library that comes of it.
std::string built(const Folder& folder, const std::string& text, const std::string& flags = kShared) {
  const std::string out = (folder.path / "x.so").string();
  const Ended e = run(folder, CALOTYPE_CXX + flags + kInclude + write(folder, "x.cpp", text) + " -o " + out);
  CAPTURE(e.out);
  REQUIRE(e.status == 0);
  return out;
}

void check_passes_kit(const Folder& folder, const std::string& library) {
  const Ended e = run(folder, CALOTYPE_PLUGIN_PROGRAM " check " + library + " --level quick --quiet");
  CAPTURE(e.out);
  CHECK(e.status == 0);
}

}  // namespace

TEST_CASE("sdk: the headers compile without a warning under all usual flags") {
  const Folder folder;
  const std::string file = write(
      folder, "all.cpp",
      "#include <calotype/sampler.h>\n#include <calotype/scheduler.h>\n#include <calotype/trial.h>\n" +
          scheduler(".id = \"x\", .summary = \"One\", .settings = {kA, kB}",
                    "constexpr Setting kA = number(\"a\", 1, 0, 2, \"one\"), kB = integer(\"b\", 1, 0, 2, \"two\");"));
  const std::string warnings =
      " -fsyntax-only -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast "
      "-Wnon-virtual-dtor "
      "-Werror";
  for (const std::string compiler : {CALOTYPE_CXX, "g++", "clang++"}) {
    if (!is_there(folder, compiler)) continue;
    const Ended e = run(folder, compiler + warnings + kInclude + file);
    CAPTURE(compiler);
    CAPTURE(e.out);
    CHECK(e.status == 0);
  }
}

TEST_CASE("sdk: a plugin passes the checks with every linker, with and without --gc-sections") {
  const Folder folder;
  const std::string text = scheduler(".id = \"x\", .summary = \"One\"");
  for (const std::string linker : {"bfd", "gold", "lld", "mold"})
    for (const std::string sections : {"", " -ffunction-sections -fdata-sections -Wl,--gc-sections"}) {
      if (!is_there(folder, linker == "mold" ? "mold" : "ld." + linker)) continue;
      CAPTURE(linker);
      CAPTURE(sections);
      check_passes_kit(folder, built(folder, text, kShared + "-fuse-ld=" + linker + sections));
    }
}

TEST_CASE("sdk: a plugin passes the checks at every level of optimisation") {
  const Folder folder;
  for (const std::string flags : {"-O0 -g", "-O3 -flto", "-fno-rtti"}) {
    CAPTURE(flags);
    check_passes_kit(folder, built(folder, scheduler(".id = \"x\", .summary = \"One\""), kShared + flags));
  }
}

TEST_CASE("sdk: defaults and ranges are exact in the manifest") {
  const Folder folder;
  const std::vector<std::pair<std::string, double>> values{{"1.0 / 3", 1.0 / 3},
                                                           {"0.1 + 0.2", 0.1 + 0.2},
                                                           {"DBL_MAX", DBL_MAX},
                                                           {"DBL_MIN", DBL_MIN},
                                                           {"5e-324", 5e-324},
                                                           {"-DBL_EPSILON", -DBL_EPSILON},
                                                           {"1e23", 1e23},
                                                           {"123456789012e15", 123456789012e15},
                                                           {"8.1e300", 8.1e300},
                                                           {"0", 0},
                                                           {"1e15 + 0.125", 1e15 + 0.125}};
  std::string settings, names;
  for (size_t i = 0; i < values.size(); ++i) {
    const std::string name = "k" + std::to_string(i);
    settings += "constexpr Setting " + name + " = number(\"n" + std::to_string(i) + "\", " + values[i].first +
                ", -DBL_MAX, " + values[i].first + ", \"a number\");\n";
    names += name + ", ";
  }
  settings +=
      "constexpr Setting kBig = integer(\"big\", int64_t(1) << 53, -(int64_t(1) << 53), INT64_MAX, \"an integer\");\n";
  const LibraryManifests manifests = read_manifests(
      built(folder, scheduler(".id = \"x\", .summary = \"One\", .settings = {" + names + "kBig}", settings)));
  REQUIRE_MESSAGE(!manifests.refusal, manifests.refusal->reason());
  const auto& found = manifests.entries.at(0).settings;
  for (size_t i = 0; i < values.size(); ++i) {
    CAPTURE(values[i].first);
    CHECK(std::get<double>(found.at(i).default_value) == values[i].second);
    CHECK(found[i].max == values[i].second);
    CHECK(found[i].min == -DBL_MAX);
  }
  CHECK(std::get<double>(found.back().default_value) == 9007199254740992.0);
}

TEST_CASE("sdk: every double reads back exactly, and is written as short as possible") {
  std::mt19937_64 random(1);
  const auto written = [](double value) {
    char text[64]{};
    note::Writer writer{text};
    writer.number(value);
    return std::string(text);
  };
  for (int i = 0; i < 300'000; ++i) {
    double value = 0;
    const uint64_t bits = random();
    std::memcpy(&value, &bits, sizeof value);
    if (std::isfinite(value)) REQUIRE(std::strtod(written(value).c_str(), nullptr) == value);
    value = double(random() % 100'000) / 1000;
    REQUIRE(std::strtod(written(value).c_str(), nullptr) == value);
    REQUIRE(written(value).size() <= 8);
  }
  CHECK(written(0.5) == "5e-1");
  CHECK(written(100) == "100");
  CHECK(written(std::nan("")) == "null");
  CHECK(written(-INFINITY) == "null");
}

TEST_CASE("sdk: texts of a declaration are in the manifest unchanged, control characters included") {
  const Folder folder;
  const LibraryManifests manifests = read_manifests(built(
      folder, scheduler(R"(.id = "x", .summary = "one\ttwo \"three\" \\ \r\v\x01 \x7f ünf", .citation = "a\nb")")));
  REQUIRE_MESSAGE(!manifests.refusal, manifests.refusal->reason());
  CHECK(manifests.entries.at(0).summary == "one\ttwo \"three\" \\ \r\v\x01 \x7f ünf");
  CHECK(manifests.entries.at(0).citation == "a\nb");
}

TEST_CASE("sdk: a function gets an integer as it was declared") {
  const Folder folder;
  const std::string text = R"(#include <calotype/scheduler.h>
namespace {
using namespace calotype;
constexpr Setting kMany = integer("many", 5'000'000'000, 0, 9'000'000'000, "more than 32 bits hold");
constexpr Info kInfo{.id = "x", .summary = "One", .settings = {kMany}};
std::vector<double> schedule(int steps, const ModelSigmas& levels, const Settings& settings) {
  if (double(settings.integer(kMany)) != settings[kMany]) throw std::logic_error("cut off");
  std::vector<double> sigmas;
  for (int i = 0; i < steps; ++i) sigmas.push_back(levels.sigma_max() * (steps - i) / steps);
  sigmas.push_back(0);
  return sigmas;
}
}  // namespace
CALOTYPE_SCHEDULER_ENTRY(kInfo, schedule);
)";
  const Ended e = run(folder, CALOTYPE_PLUGIN_PROGRAM " check " + built(folder, text) + " --only sigmas-fall");
  CAPTURE(e.out);
  CHECK(e.status == 0);
}

TEST_CASE("sdk: an impossible default does not compile, and the compiler names the error") {
  const Folder folder;
  const std::string a = "constexpr Setting kA = ", end = ";",
                    with = ".id = \"x\", .summary = \"One\", .settings = {kA}";
  const std::string name = "a_name_is_of_a_to_z_and_0_to_9_and_underscore_hyphen_dot_at",
                    range = "a_default_is_outside_its_range",
                    list = "a_default_of_numbers_is_written_with_commas_between_them";
  struct Row {
    std::string info, before, wrong;
  };
  const std::vector<Row> rows{
      {".id = \"My x\", .summary = \"One\"", "", name},
      {".id = \"\", .summary = \"One\"", "", name},
      {".id = \"null\", .summary = \"One\"", "", name},
      {".id = \"x\", .aliases = {\"y\", \"Z\"}, .summary = \"One\"", "", name},
      {with, a + R"(number("a", 2, 0, 1, "x"))" + end, range},
      {with, a + R"(integer("a", -1, 0, 1, "x"))" + end, range},
      {with, a + R"(number("a", 0, 1, 0, "x"))" + end, "a_lowest_value_is_above_the_highest"},
      {with, a + R"(integer("a", (int64_t(1) << 53) + 1, 0, INT64_MAX, "x"))" + end,
       "an_integer_is_beyond_2_to_the_53"},
      {with, a + R"(choice("a", "three", "one|two", "x"))" + end, "a_default_is_none_of_the_choices"},
      {with, a + R"(numbers("a", "1, 20", 0, 10, "x"))" + end, range},
      {with, a + R"(numbers("a", "1,, 2", 0, 10, "x"))" + end, list},
      {with, a + R"(numbers("a", "1 2", 0, 10, "x"))" + end, list},
      {with, a + R"(number("A", 0, 0, 1, "x"))" + end, name},
      {".id = \"x\", .summary = \"One\", .settings = {kA, kA}", a + R"(number("a", 0, 0, 1, "x"))" + end,
       "two_settings_have_the_same_name"}};
  for (const auto& [info, before, wrong] : rows) {
    const Ended e =
        run(folder, CALOTYPE_CXX + kInclude + "-fsyntax-only " + write(folder, "wrong.cpp", scheduler(info, before)));
    CAPTURE(info);
    CAPTURE(before);
    CHECK(e.status != 0);
    CHECK(e.out.find(wrong) != std::string::npos);
  }
}

TEST_CASE("sdk: the build line of README.md and the flags of pkg-config give a plugin that passes the checks") {
  const Folder folder;
  const std::string page = text_of(CALOTYPE_SOURCE "/README.md"), out = (folder.path / "ease.so").string();
  const size_t at = page.find("\nc++ ") + 1;
  std::string line = page.substr(at, page.find('\n', at) - at);
  line.replace(line.find("out/ease.so"), 11, out);
  CHECK(run(folder, line).status == 0);
  check_passes_kit(folder, out);

  const std::string package = text_of(CALOTYPE_SOURCE "/sdk/calotype-sdk.pc.in");
  std::string flags = package.substr(package.find("Cflags:") + 7);
  flags.replace(flags.find("${includedir}"), 13, CALOTYPE_SOURCE "/sdk/include");
  while (flags.back() == '\n') flags.pop_back();
  CHECK(run(folder, CALOTYPE_CXX " -std=c++20 -O2 -shared " + flags + " sdk/example/ease.cpp -o " + out).status == 0);
  check_passes_kit(folder, out);
}
