// How the program ends with a plugin that throws when its statics end.
#include <doctest/doctest.h>

#include "core/program.h"

using namespace program_test;

namespace {

const std::string kProgram = "CALOTYPE_PLUGIN_PATH=" CALOTYPE_FIXTURES "/lifetime " CALOTYPE_PROGRAM " ";

}  // namespace

TEST_CASE("exit: the program ends with its own status and all its output, whatever a plugin does at its end") {
  const Folder folder;
  const Ended sigmas = shell(folder, kProgram + "sigmas throws_at_exit --steps 2 --json");
  CHECK(sigmas.code == 0);
  CHECK(sigmas.out == R"({"scheduler":"throws_at_exit","steps":2,"settings":{},"sigmas":[14.0,7.0,0.0]})"
                      "\n");
  CHECK(sigmas.err == "");
  const Ended run =
      shell(folder, kProgram +
                        "run " CALOTYPE_SOURCE
                        "/configs/demo.yaml --set scheduler=throws_at_exit --set steps=1 --set output.path=$PWD/a.png");
  CHECK(run.code == 0);
  CHECK(run.out == (folder.path / "a.png").string() + "\n");
  CHECK(run.err == "");
  CHECK(text_of(folder.path / "a.png").starts_with("\x89PNG"));
  const Ended failed = shell(folder, kProgram + "sigmas throws_at_exit --steps 0");
  CHECK(failed.code == 64);
}

TEST_CASE("exit: output that cannot be written is an error, whatever the command") {
  const Folder folder;
  for (const char* command :
       {"sigmas karras --steps 2", "schema", "plugin why karras", "list samplers", "completion bash", "--help"}) {
    CAPTURE(command);
    const Ended e = run_program(folder, std::string(command) + " >/dev/full");
    CHECK(e.code == 74);
    CHECK(e.err == "standard output cannot be written to\n");
  }
}
