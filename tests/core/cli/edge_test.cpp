// Names and texts of others, and what waits, at the program's edge.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/program.h"
#include "image/png_metadata.h"

using namespace program_test;

namespace {

const std::string kModel = CALOTYPE_TEST_DATA "/tiny_sdxl/single_file.safetensors";
const std::string kConfig =
    "model: " + kModel + "\nprompt: a red circle\nwidth: 64\nheight: 64\nsteps: 1\ndevice: cpu\n";

bool has_controls(const std::string& text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f; });
}

std::string png_with(const std::string& key, const std::string& text) {
  return calotype::encode_png({1, 1, {0, 0, 0}}, {{key, text}});
}

/// What is printed of a plan up to its memory, of which now more and now less is free.
std::string plan_of(const Ended& ended) {
  return ended.out.substr(0, ended.out.find("\n  memory"));
}

size_t lines_of(const std::string& text) {
  return size_t(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("edge: a name with control characters and line breaks is one line, and harmless") {
  const Folder folder;
  folder.write("a\x1b[31m\nb.yaml", "a: [");
  for (const char* command : {"run", "grid --x seed=1,2", "plugin lock", "show", "plugin why", "plugin check"}) {
    CAPTURE(command);
    const Ended ended = run_program(folder, std::string(command) + " 'a\x1b[31m\nb.yaml'");
    CHECK(ended.code != 0);
    CHECK_FALSE(has_controls(ended.out + ended.err));
    CHECK(lines_of(ended.err) <= 1);
  }
}

TEST_CASE("edge: texts of an image are printed without their escapes") {
  const Folder folder;
  folder.write("a.png", png_with("pa\xc2\x9bra", "red\x1b[2J\x07\xe2\x80\xae circle\nSteps: 1"));
  const Ended shown = run_program(folder, "show a.png");
  CHECK(shown.out == "pa\\x9bra:\nred\\x1b[2J\\x07\\u202e circle\nSteps: 1\n\n");
  const Ended json = run_program(folder, "show a.png --json");
  CHECK_FALSE(has_controls(json.out));
  CHECK(json.out.find("\\u202e") != std::string::npos);
  CHECK(nlohmann::json::parse(json.out).begin().value() == "red\x1b[2J\x07\u202e circle\nSteps: 1");
}

TEST_CASE("edge: JSON is UTF-8 whatever a folder is called") {
  const Folder folder;
  const std::string odd = "caf\xe9";
  fs::create_directories(folder.path / odd);
  fs::copy_file(kModel, folder.path / odd / "m.safetensors");
  folder.write(odd + "/a.yaml", kConfig);
  const Ended plan = shell(folder, "cd '" + odd +
                                       "' && " CALOTYPE_PROGRAM
                                       " run a.yaml --set model=m.safetensors --dry-run --json >../.out 2>../.err");
  CHECK(plan.err == "");
  REQUIRE(plan.code == 0);
  CHECK(nlohmann::json::parse(plan.out)["device"] == "cpu");
}

TEST_CASE("edge: a config may come from standard input, or from a pipe") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  const Ended file = run_program(folder, "run a.yaml --dry-run");
  REQUIRE(file.code == 0);
  CHECK(plan_of(shell(folder, "cat a.yaml | " CALOTYPE_PROGRAM " run - --dry-run")) == plan_of(file));
  CHECK(plan_of(shell(folder, CALOTYPE_PROGRAM " run - --dry-run <a.yaml")) == plan_of(file));
  CHECK(plan_of(shell(folder, "mkfifo p && { cat a.yaml >p & } && " CALOTYPE_PROGRAM " run /dev/fd/3 --dry-run 3<p")) ==
        plan_of(file));
  CHECK(shell(folder, "echo 'stesp: 3' | " CALOTYPE_PROGRAM " run -")
            .err.starts_with("standard input:1:1: unknown key \"stesp\""));
}

TEST_CASE("edge: a pipe that nobody writes to, a folder and a device are no configs, and nothing is waited for") {
  const Folder folder;
  const Ended pipe = shell(folder, "mkfifo q && timeout 20 " CALOTYPE_PROGRAM " run q");
  CHECK(pipe.err == "q: a pipe that nothing was written to\n");
  CHECK(pipe.code == 66);
  CHECK(run_program(folder, "run .").code == 66);
  CHECK(run_program(folder, "run /dev/zero").code == 66);
  const Ended unreadable = run_program(folder, "run /proc/self/mem");
  CHECK(unreadable.err == "/proc/self/mem: cannot be read: Input/output error\n");
  CHECK(unreadable.code == 74);
}

TEST_CASE("edge: a pipe that is never closed ends with the first signal") {
  const Folder folder;
  const Ended ended = shell(folder, "mkfifo r && { sleep 20 >r & } && timeout -s TERM 2 " CALOTYPE_PROGRAM
                                    " run r; code=$?; kill %1; exit $code");
  CHECK(ended.code == 124);  // of timeout, which had to send no second one
}

TEST_CASE("edge: errors of all configs are reported, a line each") {
  const Folder folder;
  folder.write("a.yaml", kConfig + "stpes: 3\nseed: x\n");
  folder.write("b.yaml", kConfig + "widht: 3\n");
  const Ended ended = run_program(folder, "run a.yaml b.yaml none.yaml");
  CHECK(ended.code == 78);
  CHECK(lines_of(ended.err) == 4);
  for (const char* part : {"a.yaml:7:1: ", "a.yaml:8:7: ", "b.yaml:7:1: ", "none.yaml: no such file"})
    CHECK(ended.err.find(part) != std::string::npos);
}

TEST_CASE("edge: what is only words in a prompt is a warning, and what a run refuses a dry run does too") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  const Ended words = run_program(folder, "run a.yaml --dry-run --set 'prompt=<lora:x:1> a cat'");
  CHECK(words.out.find("warning       prompt: \"<lora:x:1>\" is read as words; ") != std::string::npos);
  const Ended deep =
      run_program(folder, "run a.yaml --dry-run --set prompt_syntax=a1111 --set prompt=$(printf '(%.0s' $(seq 1001))");
  CHECK(deep.err == "a.yaml: prompt: want at most 1000 brackets within each other, got more\n");
  CHECK(deep.code == 78);
}
