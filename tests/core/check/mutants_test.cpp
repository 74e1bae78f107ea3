// Every check of `calotype plugin check` fails exactly one plugin in tests/mutants, the one that was made for it.
// Calotype's own plugins pass all checks.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "core/checked.h"

namespace fs = std::filesystem;
using namespace checked_test;

namespace {

/// The smaller program is enough without libtorch, and starts sooner.
std::string program_for(const std::string& name) {
  return name.starts_with("loader-") || name == "sdxl" || name == "pipelines" ? CALOTYPE_PROGRAM " plugin check "
                                                                              : CALOTYPE_PLUGIN_PROGRAM " check ";
}

Checked check(const fs::path& file) {
  const std::string name = file.stem();
  Checked out =
      run_check(program_for(name) + file.string() + " --time-limit " + (name == "survives-no-steps" ? "5" : "60"));
  out.name = name;
  return out;
}

/// Each check runs on the next free processor.
std::vector<Checked> check_all(const std::vector<fs::path>& files) {
  std::vector<Checked> out(files.size());
  std::atomic<size_t> next = 0;
  std::vector<std::thread> all;
  for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i)
    all.emplace_back([&] {
      for (size_t k; (k = next++) < files.size();) out[k] = check(files[k]);
    });
  for (auto& thread : all) thread.join();
  return out;
}

Texts mutants() {
  Texts out;
  for (const auto& file : fs::recursive_directory_iterator(CALOTYPE_SOURCE "/tests/mutants"))
    if (file.path().extension() == ".cpp" && file.path().stem() != "bad_loader" &&
        file.path().parent_path().filename() != "variants")
      out.push_back(file.path().stem());
  std::sort(out.begin(), out.end());
  return out;
}

/// The expected message of each check's mutant, from tests/mutants/expected_failures.txt.
std::map<std::string, std::string> reported() {
  std::map<std::string, std::string> out;
  std::ifstream in(CALOTYPE_SOURCE "/tests/mutants/expected_failures.txt");
  for (std::string line; std::getline(in, line);)
    if (!line.starts_with('#')) out[line.substr(0, line.find(": "))] = line.substr(line.find(": ") + 2);
  return out;
}

std::string table(const std::map<std::string, std::string>& sentences) {
  std::string out;
  for (const auto& [id, sentence] : sentences) out += "| `" + id + "` | " + sentence + " |\n";
  return out;
}

}  // namespace

TEST_CASE("mutants: each fails only the check that it is named after, with the expected message") {
  std::vector<fs::path> files;
  for (const auto& name : mutants()) files.push_back(CALOTYPE_MUTANTS "/" + name + ".so");
  const auto texts = reported();
  REQUIRE(texts.size() == files.size());
  for (const Checked& c : check_all(files)) {
    CAPTURE(c.name);
    CHECK(c.code == 1);
    CHECK_MESSAGE(c.failed.size() == 1, joined(c.failed));
    if (c.failed.empty()) continue;
    const std::string& failed = c.failed[0];
    CHECK_MESSAGE(failed.starts_with(c.name + ": "), failed);
    CHECK_MESSAGE(is_like(failed.substr(failed.find(": ", c.name.size() + 2) + 2), texts.at(c.name)), failed);
  }
}

TEST_CASE(
    "mutants: Calotype's own plugins fail no check, and every check has a mutant and a line in "
    "docs/plugin-check.md") {
  const std::string plugins = CALOTYPE_BUILD "/lib/calotype/plugins/";
  std::map<std::string, std::string> sentences;
  Texts skipped;
  for (const Checked& c :
       check_all({plugins + "schedulers.so", plugins + "samplers.so", plugins + "sdxl.so", plugins + "pipelines.so"})) {
    CAPTURE(c.name);
    CHECK_MESSAGE(c.code == 0, joined(c.failed));
    sentences.insert(c.sentences.begin(), c.sentences.end());
    skipped.insert(skipped.end(), c.skipped.begin(), c.skipped.end());
  }
  std::sort(skipped.begin(), skipped.end());
  CHECK(joined(skipped) ==
        "leaves-no-memory: scheduler manual: it returns no sigmas for 20, 10, 4 or 1 steps\n"
        "repeats: scheduler manual: it returns no sigmas for 20, 10, 4 or 1 steps\n"
        "sampler-converges: sampler lcm: it adds noise with any settings\n"
        "sampler-converges: sampler lcm@a1111: it adds noise with any settings\n"
        "sampler-converges: sampler lcm@diffusers: it adds noise with any settings\n"
        "sampler-costs-what-it-says: sampler ddim@a1111: it declares no number of model evaluations\n"
        "sampler-costs-what-it-says: sampler ddim_cfg_pp: it declares no number of model evaluations\n"
        "sampler-costs-what-it-says: sampler dpm_adaptive: it declares no number of model evaluations\n"
        "sampler-costs-what-it-says: sampler plms@a1111: it declares no number of model evaluations\n"
        "sampler-costs-what-it-says: sampler uni_pc@a1111: it declares no number of model evaluations\n"
        "sampler-is-of-its-order: sampler ddim@a1111: it declares no order\n"
        "sampler-is-of-its-order: sampler ddim_cfg_pp: it declares no order\n"
        "sampler-is-of-its-order: sampler dpm_adaptive: it declares no order\n"
        "sampler-is-of-its-order: sampler lcm: it declares no order\n"
        "sampler-is-of-its-order: sampler lcm@a1111: it declares no order\n"
        "sampler-is-of-its-order: sampler lcm@diffusers: it declares no order\n"
        "sampler-is-of-its-order: sampler plms@a1111: it declares no order\n"
        "sampler-is-of-its-order: sampler tcd@diffusers: it declares no order\n"
        "sampler-is-of-its-order: sampler uni_pc@a1111: it declares no order\n"
        "sampler-is-same-in-a-batch: sampler dpm_adaptive: it chooses its steps by the error of all images together\n"
        "works-with-later-hosts: scheduler manual: it returns no sigmas for 20, 10, 4 or 1 steps\n");

  Texts ids;
  for (const auto& [id, sentence] : sentences) ids.push_back(id);
  CHECK(ids.size() >= 50);
  CHECK(joined(ids) == joined(mutants()));
  std::ifstream in(CALOTYPE_SOURCE "/docs/plugin-check.md");
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  CHECK_MESSAGE(
      page.find("| check | what holds if it passes |\n| --- | --- |\n" + table(sentences) + "\n") != std::string::npos,
      table(sentences));
}
