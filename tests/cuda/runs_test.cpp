// Runs of the program on the stand-in for a GPU, as its user starts them: what a device, its memory and its faults make
// of a run.
#include <calotype/json.h>
#include <doctest/doctest.h>

#include <vector>

#include "../core/program.h"

using namespace calotype;
using namespace program_test;

namespace {

constexpr const char* kSmall =
    " --set width=64 --set height=64 --set steps=3 --set scheduler=karras --set sampler=euler ";

/// The objects that --json printed, one for each config.
std::vector<JsonValue> objects(const std::string& out) {
  std::vector<JsonValue> all;
  for (size_t at = 0; at < out.size();) {
    const size_t end = out.find('\n', at);
    if (out[at] == '{') all.push_back(JsonValue::parse(out.substr(at, end - at)));
    at = end == out.npos ? out.size() : end + 1;
  }
  return all;
}

/// The member of an object.
const JsonValue& in(const JsonValue& object, const char* key) {
  const JsonValue* found = object.find(key);
  REQUIRE_MESSAGE(found, key);
  return *found;
}

std::string text(const JsonValue& value) {
  return *value.as<std::string>();
}

struct Runs {
  Ended ended;
  std::vector<JsonValue> results;
};

/// `variables`: of the stand-in. `arguments`: after `run`.
Runs run(const Folder& folder, const std::string& variables, const std::string& arguments) {
  const Ended ended = shell(
      folder, "env " + variables + " " CALOTYPE_BUILD "/cuda/run " CALOTYPE_PROGRAM " run --json --quiet " + arguments);
  CAPTURE(ended.err);
  CHECK(ended.code != 99);  // a fault that the stand-in found
  return {ended, objects(ended.out)};
}

std::string config(const Folder& folder, const std::string& name, const std::string& more) {
  folder.write(name + ".yaml",
               "model: " CALOTYPE_SOURCE
               "/configs/demo_model/demo.safetensors\nprompt: a red circle\ndtype: float32\noutput: {path: " +
                   name + ".png, latents: " + name + ".safetensors, exists: overwrite}\n" + more);
  return name + ".yaml ";
}

/// Of the warnings, one text.
std::string warnings(const JsonValue& result) {
  std::string all;
  for (const JsonValue& w : *in(result, "warnings").as<JsonValue::List>()) all += *w.as<std::string>() + "\n";
  return all;
}

}  // namespace

TEST_CASE("cuda run: one process may use the CPU first and then a GPU, and both generate the same latents") {
  const Folder folder;
  const Runs runs =
      run(folder, "", config(folder, "one", "device: cpu\n") + config(folder, "two", "device: cuda\n") + kSmall);
  REQUIRE(runs.ended.code == 0);
  REQUIRE(runs.results.size() == 2);
  CHECK(text(in(runs.results[0], "device")) == "cpu");
  CHECK(text(in(runs.results[1], "device")) == "cuda:0");
}

TEST_CASE("cuda run: float32 is float32 unless TF32 is allowed") {
  const Folder folder;
  const Runs runs =
      run(folder, "",
          config(folder, "exact", "device: cuda\n") + config(folder, "again", "device: cuda\nallow_tf32: false\n") +
              config(folder, "rough", "device: cuda\nallow_tf32: true\n") +  // not by a graph of the others
              kSmall);
  REQUIRE(runs.ended.code == 0);
  CHECK(text_of(folder.path / "exact.safetensors") == text_of(folder.path / "again.safetensors"));
  CHECK(text_of(folder.path / "exact.safetensors") != text_of(folder.path / "rough.safetensors"));
}

TEST_CASE("cuda run: the types of a GPU below compute capability 8.0 are float16 and float32") {
  const Folder folder;
  const std::string one = config(folder, "one", "device: cuda\n");
  const Runs old = run(folder, "STAND_IN_SM=75", one + "--dry-run --set dtype=auto"),
             recent = run(folder, "STAND_IN_SM=80", one + "--dry-run --set dtype=auto"),
             reported = run(folder, "STAND_IN_SM=75", one + "--dry-run --set dtype=bfloat16");
  REQUIRE(old.results.size() == 1);
  CHECK(text(in(old.results[0], "dtype")) == "float16");
  REQUIRE(recent.results.size() == 1);
  CHECK(text(in(recent.results[0], "dtype")) == "bfloat16");
  REQUIRE(reported.results.size() == 1);
  CHECK(warnings(reported.results[0]).find("dtype bfloat16: cuda:0 is of a compute capability below 8.0") !=
        std::string::npos);
}

TEST_CASE("cuda run: what the allocator keeps for later does not make the next run take less memory") {
  const Folder folder;
  std::string all;
  for (const char* name : {"one", "two", "three"}) all += config(folder, name, "device: cuda\n");
  // room for one run and not for two
  const Runs runs = run(folder, "STAND_IN_MIB=92", all + " --set steps=1 --set width=128 --set height=128");
  REQUIRE(runs.ended.code == 0);
  REQUIRE(runs.results.size() == 3);
  for (size_t i = 0; i < 3; ++i) {
    CHECK(in(runs.results[i], "fallbacks").as<JsonValue::List>()->empty());
    CHECK(in(in(runs.results[i], "statistics"), "models_loaded").number() == (i == 0 ? 1 : 0));
  }
}

TEST_CASE("cuda run: a graph that cannot be recorded or launched costs a warning, and nothing else") {
  const Folder folder;
  const std::string one = config(folder, "one", "device: cuda\ncuda_graphs: on\n") + kSmall;
  REQUIRE(run(folder, "", one).ended.code == 0);
  const std::string wanted = text_of(folder.path / "one.safetensors");
  for (const char* what : {"instantiate", "graphlaunch", "mallocincapture"}) {
    CAPTURE(what);
    const Runs runs = run(folder, std::string("STAND_IN_FAIL=") + what, one);
    REQUIRE(runs.ended.code == 0);
    CHECK(text_of(folder.path / "one.safetensors") == wanted);
    const std::string warned = warnings(runs.results.at(0));
    CHECK(warned.find("cuda_graphs: the UNet's calls cannot be ") != std::string::npos);
    CHECK(warned.find("they run one kernel at a time, as with cuda_graphs: off") != std::string::npos);
  }
}

TEST_CASE("cuda run: pinned memory that cannot be had is out of memory, as any other") {
  const Folder folder;
  const Runs runs =
      run(folder, "STAND_IN_FAIL=hostalloc", config(folder, "one", "device: cuda\nmemory: block_offload\n") + kSmall);
  CHECK(runs.ended.code == 75);
  CHECK(runs.ended.err.find("unet: out of memory on the host: want 11 MiB of pinned memory, where memory: "
                            "block_offload keeps the weights") != std::string::npos);
}

TEST_CASE(
    "cuda run: memory that is out in the middle steps down, and where nothing is left the error names what was tried") {
  const Folder folder;
  const std::string one = config(folder, "one", "device: cuda\nmemory: full\n") + kSmall;
  int stepped = 0;
  for (int call = 1; call <= 7; call += 2) {  // libtorch gives back what it keeps, and asks again
    const auto fails = [&](int more) { return "malloc:" + std::to_string(call + more); };
    const Runs down = run(folder, "STAND_IN_FAIL=" + fails(0) + "," + fails(1) + "," + fails(2), one);
    REQUIRE(down.ended.code == 0);
    stepped += !in(down.results.at(0), "fallbacks").as<JsonValue::List>()->empty();
  }
  CHECK(stepped > 0);
  const Runs none = run(folder, "STAND_IN_FAIL=malloc", one);
  CHECK(none.ended.code == 75);
  CHECK(none.ended.err.find("out of memory on cuda:0") != std::string::npos);
  CHECK(none.ended.err.find("memory: model_offload, memory: block_offload") != std::string::npos);
}

TEST_CASE("cuda run: what cannot fit ends before it starts, unless it is forced") {
  const Folder folder;
  const std::string one = config(folder, "one", "device: cuda\nmemory: full\n") + kSmall;
  const Runs none = run(folder, "STAND_IN_MIB=20", one);
  CHECK(none.ended.code == 75);
  CHECK(none.ended.err.find("MiB are free; memory: block_offload would take ") != std::string::npos);
  CHECK(run(folder, "STAND_IN_MIB=60", one + " --set memory=force").ended.code == 0);
}

TEST_CASE("cuda run: too few addresses for libtorch_cuda are told as memory that ran out") {
  const Folder folder;
  const Ended ended = shell(folder, "ulimit -v 620000; " CALOTYPE_BUILD "/cuda/run " CALOTYPE_PROGRAM " run --quiet " +
                                        config(folder, "few", "device: cuda\n"));
  CAPTURE(ended.err);
  CHECK(ended.code == 75);
  CHECK(ended.err.find("device cuda: libtorch_cuda cannot be loaded: ") != std::string::npos);
  CHECK(ended.err.ends_with("; memory ran out: want a higher limit (ulimit -v), or more of it free\n"));
}
