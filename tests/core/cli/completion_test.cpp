// Shell completion, as the shells ask for it. zsh and fish are tests of their own, which ctest calls skipped where they
// are not installed.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <sstream>
#include <vector>

#include "base/install_folder.h"
#include "config/config_keys.h"
#include "config/declared_keys.h"
#include "core/program.h"
#include "registry/discovery.h"

using namespace program_test;
using Lines = std::vector<std::string>;

namespace {

Lines lines_of(const std::string& text) {
  Lines out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

/// What bash offers for a line with the cursor at its end.
Lines in_bash(const Folder& folder, const std::string& line, const std::string& before = "") {
  folder.write("ask.bash", before +
                               "source <(" CALOTYPE_PROGRAM
                               " completion bash)\n"
                               "COMP_LINE='" CALOTYPE_PROGRAM " " +
                               line +
                               "' COMP_POINT=${#COMP_LINE}\n"
                               "_calotype\n((${#COMPREPLY[@]} == 0)) || printf '%s\\n' \"${COMPREPLY[@]}\"\n");
  const Ended e = shell(folder, "bash --norc ask.bash");
  CHECK(e.err == "");
  CHECK(e.code == 0);
  return lines_of(e.out);
}

Lines from_program(const Folder& folder, const std::string& words) {
  return lines_of(run_program(folder, "complete " + words).out);
}

bool has(const Lines& lines, const std::string& line) {
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

bool is_there(const std::string& shell_name) {
  if (std::system(("command -v " + shell_name + " >/dev/null 2>&1").c_str()) == 0) return true;
  std::printf("SKIPPED: no %s\n", shell_name.c_str());
  return false;
}

}  // namespace

TEST_CASE("completion: the scripts are printed, and another shell is an error") {
  const Folder folder;
  CHECK(run_program(folder, "completion bash").out.starts_with("# bash completion of calotype:"));
  CHECK(run_program(folder, "completion zsh").out.starts_with("#compdef calotype\n"));
  CHECK(run_program(folder, "completion fish").out.starts_with("# fish completion of calotype:"));
  const Ended none = run_program(folder, "completion"), other = run_program(folder, "completion bsh");
  CHECK(none.code == 64);
  CHECK(none.err == "completion: want one shell, bash, zsh or fish, got 0\n");
  CHECK(other.code == 64);
  CHECK(other.err == "completion: unknown shell \"bsh\"; did you mean \"bash\"? known: bash, zsh, fish\n");
}

TEST_CASE("completion: bash knows commands, options and names") {
  const Folder folder;
  CHECK(in_bash(folder, "ru") == Lines{"run"});
  CHECK(in_bash(folder, "s") == Lines{"schema", "show", "sigmas"});
  CHECK(in_bash(folder, "run --dr") == Lines{"--dry-run"});
  CHECK(in_bash(folder, "sigmas --") ==
        Lines{"--builtin-only", "--help", "--json", "--model", "--plot", "--retry", "--set", "--steps", "--without"});
  CHECK(in_bash(folder, "list --m") == Lines{"--markdown"});
  CHECK(in_bash(folder, "grid a.yaml --cu") == Lines{"--curves"});
  CHECK(in_bash(folder, "list ") ==
        Lines{"keys", "loaders", "pipelines", "plugins", "samplers", "schedulers", "settings"});
  CHECK(in_bash(folder, "sigmas kar") == Lines{"karras", "karras@diffusers-leading", "karras@diffusers-trailing"});
  CHECK(in_bash(folder, "sigmas karras@diffusers-l") == Lines{"diffusers-leading"});  // "@" is a word break too
  CHECK(in_bash(folder, "show text") == Lines{"text2img", "text_to_image"});
  CHECK(in_bash(folder, "show single") == Lines{"single_file"});
  CHECK(in_bash(folder, "completion ") == Lines{"bash", "fish", "zsh"});
  CHECK(in_bash(folder, "nothing ") == Lines{});
  CHECK(in_bash(folder, "run conf") == Lines{});  // bash completes files
  CHECK(in_bash(folder, "sigmas karras --steps ") == Lines{});
}

TEST_CASE("completion: bash knows the keys after --set, and the values of choices") {
  const Folder folder;
  CHECK(in_bash(folder, "run a.yaml --set ste") == Lines{"steps="});
  CHECK(in_bash(folder, "run a.yaml --set scheduler.r") == Lines{"scheduler.range=", "scheduler.rho="});
  CHECK(in_bash(folder, "run a.yaml --set model.dec") == Lines{"model.decoder="});
  // bash has "=" among its word breaks: what stands before it is not printed again
  CHECK(in_bash(folder, "run a.yaml --set dtype=") == Lines{"auto", "bfloat16", "float16", "float32"});
  CHECK(in_bash(folder, "run a.yaml --set expand_prompts=") == Lines{"false", "true"});
  CHECK(in_bash(folder, "run a.yaml --set scheduler=karr") ==
        Lines{"karras", "karras@diffusers-leading", "karras@diffusers-trailing"});
  CHECK(in_bash(folder, "run a.yaml --set sampler.id=heu") == Lines{"heun", "heunpp2"});
  CHECK(in_bash(folder, "run a.yaml --set model.loader=") == Lines{"diffusers", "single_file"});
  CHECK(in_bash(folder, "run a.yaml --set scheduler.spacing=lead") == Lines{"leading", "leading_dpm"});
  CHECK(in_bash(folder, "run a.yaml --set dtype=b", "COMP_WORDBREAKS=' '\n") == Lines{"dtype=bfloat16"});
  CHECK(in_bash(folder, "sigmas karras --steps 5 --set ") == Lines{"range=", "rho=", "sigma_max=", "sigma_min="});
  CHECK(in_bash(folder, "sigmas karras --set range=l") == Lines{"leading", "linspace"});
  CHECK(in_bash(folder, "models --set ") == Lines{"model_paths=", "models_dir="});
}

TEST_CASE("completion: every key of a config is offered, and each is one") {
  const Folder folder;
  const Lines offered = from_program(folder, "run a.yaml --set ''");
  for (const auto& key : calotype::keys_of(calotype::discover({calotype::own_plugin_folder()})))
    CHECK(has(offered, key.info.name + "="));
}

TEST_CASE("completion: a plugin is known as soon as it is there") {
  const Folder folder;
  CHECK(from_program(folder, "sigmas every") == Lines{});
  const Ended e =
      shell(folder, "CALOTYPE_PLUGIN_PATH='" CALOTYPE_FIXTURES "/settings' " CALOTYPE_PROGRAM " complete sigmas every");
  CHECK(e.out == "every_setting\n");
}

TEST_CASE("completion: bash really completes") {
  const Folder folder;
  folder.write("ask.bash", "source <(" CALOTYPE_PROGRAM " completion bash)\ncomplete -p calotype\n");
  CHECK(shell(folder, "bash --norc ask.bash").out == "complete -o default -F _calotype calotype\n");
}

TEST_CASE("zsh: takes the script, and offers what the program prints" * doctest::skip()) {
  if (!is_there("zsh")) return;
  const Folder folder;
  folder.write("ask.zsh", "autoload -Uz compinit && compinit -u -D\nsource <(" CALOTYPE_PROGRAM
                          " completion zsh)\n"
                          "compadd() { shift ${@[(i)--]}; print -l -- \"$@\" }\n_files() { print files }\n"
                          "words=(" CALOTYPE_PROGRAM
                          " run a.yaml --set ste); CURRENT=5; _calotype\n"
                          "words=(" CALOTYPE_PROGRAM
                          " ru); CURRENT=2; _calotype\n"
                          "words=(" CALOTYPE_PROGRAM " run conf); CURRENT=3; _calotype\n");
  const Ended e = shell(folder, "zsh -f ask.zsh | grep -v '^$'");
  CHECK(e.err == "");
  CHECK(e.out == "steps=\nrun\nfiles\n");
}

TEST_CASE("fish: takes the script, and offers what the program prints" * doctest::skip()) {
  if (!is_there("fish")) return;
  const Folder folder;
  const auto in_fish = [&](const std::string& line) {
    return shell(folder, "PATH=\"$(dirname " CALOTYPE_PROGRAM
                         "):$PATH\" fish --no-config -c 'calotype completion fish | source; complete -C \"calotype " +
                             line + "\"'")
        .out;
  };
  CHECK(in_fish("ru") == "run\n");
  CHECK(in_fish("run a.yaml --set ste") == "steps=\n");
  CHECK(in_fish("run a.yaml --set dtype=bf") == "dtype=bfloat16\n");
  folder.write("conf.yaml", "");
  CHECK(in_fish("run conf") == "conf.yaml\n");
}
