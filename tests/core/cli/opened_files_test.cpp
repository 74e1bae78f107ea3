// How often a run opens the files of its model, as strace counts.
#include <doctest/doctest.h>

#include <cstdio>
#include <sstream>
#include <string>

#include "core/program.h"

using namespace program_test;

namespace {

const fs::path kTiny = CALOTYPE_TEST_DATA "/tiny_sdxl";

/// Whether one process may look at another here.
bool has_strace(const Folder& folder) {
  if (shell(folder, "strace true").code == 0) return true;
  std::printf("SKIPPED: no strace, or none that may trace\n");
  return false;
}

/// What a run of a config opened, a line each.
std::string traced_run(const Folder& folder, const std::string& config) {
  folder.write("a.yaml", config +
                             "device: cpu\ndtype: float32\nwidth: 64\nheight: 64\nsteps: 2\n"
                             "output: {path: '{index}.png', exists: overwrite}\n");
  // a sanitizer that looks for leaks would trace the process too
  const Ended e = shell(
      folder, "ASAN_OPTIONS=detect_leaks=0 strace -f -qq -s 4096 -e trace=open,openat,openat2 -o log " CALOTYPE_PROGRAM
              " run --quiet a.yaml");
  CAPTURE(e.err);
  REQUIRE(e.code == 0);
  return text_of(folder.path / "log");
}

int opened(const std::string& log, const fs::path& file) {
  int count = 0;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);)
    count += line.find('"' + file.string() + '"') != line.npos && line.find(" = -1 ") == line.npos;
  return count;
}

}  // namespace

TEST_CASE("opened files: a run opens a single file once for what it is, and once for its hash") {
  const Folder folder;
  if (!has_strace(folder)) return;
  const fs::path model = kTiny / "single_file.safetensors";
  const std::string config = "model: " + model.string() + "\nprompt: a red cat\nnegative_prompt: blue\n";
  CHECK(opened(traced_run(folder, config), model) == 2);
  CHECK(opened(traced_run(folder, config + "vae_tiling: on\nimages: 2\n"), model) == 2);
}

TEST_CASE("opened files: a run opens each file of a folder at most twice, and its weights once") {
  const Folder folder;
  if (!has_strace(folder)) return;
  const std::string log =
      traced_run(folder, "model: " + (kTiny / "diffusers").string() + "\nprompt: a red cat\nimages: 2\n");
  for (const auto& entry : fs::recursive_directory_iterator(kTiny / "diffusers")) {
    if (!entry.is_regular_file()) continue;
    CAPTURE(entry.path().string());
    if (entry.path().extension() == ".safetensors")
      CHECK(opened(log, entry.path()) == 1);
    else
      CHECK(opened(log, entry.path()) <= 2);
  }
}

TEST_CASE("opened files: a run reads a file of wildcards once") {
  const Folder folder;
  if (!has_strace(folder)) return;
  fs::create_directories(folder.path / "w");
  folder.write("w/color.txt", "red\nblue\n");
  const std::string log = traced_run(folder, "model: " + (kTiny / "single_file.safetensors").string() +
                                                 "\nprompt: a __color__ {cat|dog}\nprompt_syntax: a1111\nimages: 3\n"
                                                 "wildcards: " +
                                                 (folder.path / "w").string() + "\n");
  CHECK(opened(log, folder.path / "w/color.txt") == 1);
}
