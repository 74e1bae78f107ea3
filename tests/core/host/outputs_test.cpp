// What a call writes is known before it begins, replaces nothing, and leaves nothing behind.
#include <calotype/error.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>

#include "base/file.h"
#include "core/program.h"
#include "host/output_files.h"

using namespace program_test;

namespace {

const std::string kTiny = CALOTYPE_TEST_DATA "/tiny_sdxl/single_file.safetensors";

std::string config(const std::string& more) {
  return "prompt: a cat\nwidth: 64\nheight: 64\nsteps: 1\ndevice: cpu\ndtype: float32\nscheduler: karras\nsampler: "
         "euler\n" +
         more;
}

std::string tiny(const std::string& more) {
  return "model: " + kTiny + "\n" + config(more);
}

std::vector<std::string> names(const fs::path& folder) {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(folder)) out.push_back(entry.path().filename());
  std::sort(out.begin(), out.end());
  return out;
}

/// A config in a folder of its own, so that what is written can be counted.
struct Call : Folder {
  Call() { fs::create_directory(path / "o"); }
  std::vector<std::string> written() const { return names(path / "o"); }
};

const std::vector<std::string> kNothing;

}  // namespace

TEST_CASE("outputs: two configs of one call that write one file are an error, and nothing is generated") {
  const Call c;
  c.write("a.yaml", tiny("output: o/{seed}.png\n"));
  c.write("b.yaml", tiny("output: o/../o/{seed}.png\n"));
  c.write("c.yaml", tiny("output: ./o/{seed}.png\n"));
  const Ended e = run_program(c, "run a.yaml c.yaml");
  CHECK(e.code == 73);
  CHECK(e.err ==
        "./o/0.png: is written twice, by a.yaml and c.yaml; want {seed}, {index} or {config} in output.path, or "
        "output.exists: number\n");
  CHECK(c.written() == kNothing);
  c.write("a.yaml", tiny("output: o/{config}-{seed:03}.png\n"));
  c.write("c.yaml", tiny("output: ./o/{config}-{seed:03}.png\n"));
  CHECK(run_program(c, "run a.yaml c.yaml").out == "o/a-000.png\n./o/c-000.png\n");
}

TEST_CASE("outputs: a link to a folder is that folder") {
  const Call c;
  fs::create_directory_symlink("o", c.path / "same");
  c.write("a.yaml", tiny("output: o/x.png\n"));
  c.write("b.yaml", tiny("output: same/x.png\n"));
  CHECK(run_program(c, "run a.yaml b.yaml").code == 73);
  CHECK(c.written() == kNothing);
}

TEST_CASE("outputs: what is read by any run of the call is never written, whatever output.exists is") {
  const Call c;
  fs::copy_file(kTiny, c.path / "m.safetensors");
  fs::copy_file(CALOTYPE_SOURCE "/configs/demo_model/picture.png", c.path / "p.png");
  const std::string before = text_of(c.path / "m.safetensors"), image = text_of(c.path / "p.png");
  for (const std::string exists : {"error", "overwrite"}) {
    c.write("a.yaml", "model: m.safetensors\n" +
                          config("output: {path: o/x.png, latents: m.safetensors, exists: " + exists + "}\n"));
    const Ended model = run_program(c, "run a.yaml");
    CHECK(model.code == 73);
    CHECK(model.err == "m.safetensors: is the model; want another name in output.latents\n");
    c.write(
        "b.yaml",
        tiny("pipeline: image_to_image\nimage: p.png\nstrength: 1\noutput: {path: p.png, exists: " + exists + "}\n"));
    CHECK(run_program(c, "run b.yaml").err == "p.png: is the image to begin with; want another name in output.path\n");
    c.write("c.yaml", tiny("output: {path: p.png, exists: " + exists + "}\n"));
    c.write("d.yaml", tiny("pipeline: image_to_image\nimage: p.png\nstrength: 1\noutput: o/d.png\n"));
    CHECK(run_program(c, "run c.yaml d.yaml").code == 73);
  }
  CHECK(text_of(c.path / "m.safetensors") == before);
  CHECK(text_of(c.path / "p.png") == image);
  CHECK(c.written() == kNothing);
}

TEST_CASE("outputs: the files of a component that is given apart are inputs too") {
  const Call c;
  fs::copy(CALOTYPE_TEST_DATA "/tiny_sdxl/diffusers/vae", c.path / "v", fs::copy_options::recursive);
  const std::string weights = "v/diffusion_pytorch_model.safetensors", before = text_of(c.path / weights);
  for (const std::string& vae : {std::string("v"), weights}) {
    c.write("a.yaml", "model: {path: " + kTiny + ", vae: " + vae + "}\n" +
                          config("output: {path: o/x.png, latents: " + weights + ", exists: overwrite}\n"));
    const Ended ended = run_program(c, "run a.yaml");
    CHECK(ended.code == 73);
    CHECK(ended.err.find("model's vae; want another name in output.latents") != std::string::npos);
  }
  CHECK(text_of(c.path / weights) == before);
}

TEST_CASE("outputs: who holds a lock on the folder does not hold up the run") {
  const Call c;
  const int folder = open((c.path / "o").c_str(), O_RDONLY | O_DIRECTORY);
  REQUIRE(flock(folder, LOCK_EX) == 0);
  for (const std::string exists : {"number", "error"}) {
    c.write("a.yaml", tiny("output: {path: o/" + exists + ".png, exists: " + exists + "}\n"));
    CHECK(run_program(c, "run a.yaml").code == 0);
  }
  close(folder);
  CHECK(c.written() == std::vector<std::string>{"error.png", "number.png"});
}

TEST_CASE("outputs: a model's folder that leads to the whole disk is an error and no search of it") {
  const Call c;
  fs::copy(CALOTYPE_TEST_DATA "/tiny_sdxl/diffusers", c.path / "m", fs::copy_options::recursive);
  fs::create_symlink("/usr", c.path / "m/all");
  c.write("a.yaml", "model: m\n" + config("output: o/x.png\n"));
  const Ended ended = run_program(c, "run a.yaml --dry-run");
  CHECK(ended.code == 65);
  CHECK(ended.err.find("more than 20000 files in and below the folder that was given; want a model's own folder") !=
        std::string::npos);
}

TEST_CASE("outputs: a file that is there is an error under a given name, and a number under the usual one") {
  const Call c;
  c.write("o/x.png", "mine");
  c.write("a.yaml", tiny("output: o/x.png\n"));
  const Ended given = run_program(c, "run a.yaml");
  CHECK(given.code == 73);
  CHECK(given.err ==
        "o/x.png: is there already; want another name in output.path, or output.exists: overwrite, skip or number\n");
  CHECK(run_program(c, "run a.yaml --dry-run").code == 73);
  CHECK(text_of(c.path / "o/x.png") == "mine");
  c.write("b.yaml", tiny(""));
  CHECK(run_program(c, "run b.yaml b.yaml").out == "a_cat-0.png\na_cat-0-2.png\n");
  CHECK(run_program(c, "run b.yaml b.yaml --dry-run").out.find("a_cat-0-4.png") != std::string::npos);
  CHECK(run_program(c, "run b.yaml").out == "a_cat-0-3.png\n");
}

TEST_CASE("outputs: output.exists has four ways with a file that is there") {
  const Call c;
  const auto run = [&](const std::string& exists) {
    for (const char* name : {"0.png", "1.png"}) c.write("o/" + std::string(name), "mine");
    fs::remove(c.path / "o/1.png");
    c.write("a.yaml", tiny("images: 2\noutput: {path: 'o/{seed}.png', exists: " + exists + "}\n"));
    return run_program(c, "run a.yaml");
  };
  CHECK(run("error").code == 73);
  CHECK(c.written() == std::vector<std::string>{"0.png"});
  const Ended skip = run("skip");
  CHECK(skip.out == "o/1.png\n");
  CHECK(skip.err == "calotype: warning: output.exists: skip: 1 of 2 images were there already\n");
  CHECK(text_of(c.path / "o/0.png") == "mine");
  const std::string second = text_of(c.path / "o/1.png");
  CHECK(run("number").out == "o/0-2.png\no/1.png\n");
  CHECK(text_of(c.path / "o/0.png") == "mine");
  CHECK(run("overwrite").out == "o/0.png\no/1.png\n");
  CHECK(text_of(c.path / "o/0.png") == text_of(c.path / "o/0-2.png"));
  CHECK(text_of(c.path / "o/1.png") == second);
}

TEST_CASE("outputs: skip with latents is an error, as a file of some of them would be") {
  const Call c;
  c.write("a.yaml", tiny("output: {path: o/x.png, latents: o/l.safetensors, exists: skip}\n"));
  CHECK(run_program(c, "run a.yaml").err ==
        "a.yaml:10:59: output.exists: skip leaves images out, and output.latents wants those of all; want another, or "
        "no latents\n");
}

TEST_CASE("outputs: a folder at the path and a name that is too long are reported before the model is read") {
  const Call c;
  fs::create_directory(c.path / "o/x.png");
  c.write("a.yaml", tiny("output: {path: o/x.png, exists: overwrite}\n"));
  CHECK(run_program(c, "run a.yaml --dry-run").err == "o/x.png: cannot be written: it is a folder\n");
  const std::string longest = std::string(251, 'a') + ".png", longer = "a" + longest;
  CHECK(run_program(c, "run a.yaml --dry-run --set output.path=" + longer).err ==
        longer + ": cannot be written: its name has 256 bytes, and 255 is the most\n");
  CHECK(run_program(c, "run a.yaml --set output.path=" + longest).out == longest + "\n");
}

TEST_CASE("outputs: a folder of the system's own, which keeps no files, is reported before the model is read") {
  const Call c;
  c.write("a.yaml", tiny(""));
  for (const std::string folder : {"/proc", "/proc/self", "/sys"})
    CHECK(run_program(c, "run a.yaml --dry-run --set output.path=" + folder + "/none/x.png").err ==
          folder + "/none/x.png: cannot be written: " + folder + " is the system's, and keeps no files\n");
}

TEST_CASE("outputs: a number does not make a name too long") {
  CHECK(calotype::numbered("a/b.png", 1) == "a/b.png");
  CHECK(calotype::numbered("a/b.png", 12) == "a/b-12.png");
  const std::string longest = std::string(251, 'a') + ".png", numbered = calotype::numbered(longest, 10);
  CHECK(numbered.size() == 255);
  CHECK(numbered.ends_with("a-10.png"));
}

TEST_CASE("outputs: what is put at an output's path during the run is kept, and the image is too") {
  const Folder folder;
  const std::string path = folder.path / "x.png";
  folder.write("x.png", "mine");
  CHECK(calotype::write_output(path, "ours", calotype::IfExists::number) == folder.path / "x-2.png");
  try {
    calotype::write_output(path, "ours", calotype::IfExists::error);
    FAIL("nothing was thrown");
  } catch (const calotype::Error& e) {
    CHECK(e.code() == calotype::ErrorCode::cannot_create);
    CHECK(e.what() == path + ": is there since the run began, and was kept; what was to be written is in " +
                          (folder.path / "x-3.png").string());
  }
  CHECK(text_of(path) == "mine");
  CHECK(text_of(folder.path / "x-3.png") == "ours");
}

TEST_CASE("outputs: the temporary file of a dead process is removed, and that of a live one stays") {
  const Folder folder;
  const fs::path dead = folder.path / ".calotype-0123456789abcdef.part",
                 live = folder.path / ".calotype-fedcba9876543210.part";
  folder.write(dead.filename(), "half");
  folder.write(live.filename(), "half");
  const int file = open(live.c_str(), O_WRONLY);
  REQUIRE(flock(file, LOCK_EX | LOCK_NB) == 0);
  calotype::write_file(folder.path / "x", "whole");
  CHECK(names(folder.path) == std::vector<std::string>{live.filename(), "x"});
  close(file);
  calotype::remove_leftovers(folder.path);
  CHECK(names(folder.path) == std::vector<std::string>{"x"});
}

TEST_CASE("outputs: with --json each image's line is there with its file, with the config and the times") {
  const Call c;
  c.write("a.yaml", tiny("images: 3\noutput: o/{index}.png\n"));
  c.write("watch.py", R"(
import json, os, subprocess, sys
p = subprocess.Popen([sys.argv[1], "run", "a.yaml", "--json", "--set", "steps=40"], stdout=subprocess.PIPE, text=True)
for k in range(3):
    line = json.loads(p.stdout.readline())
    assert line["path"] == f"o/{k}.png" and os.path.exists(line["path"]), line
    assert k == 2 or not os.path.exists("o/2.png"), "reported at the end"
    assert line["config_file"] == "a.yaml" and line["seconds"] > 0, line
    assert line["started"] < line["finished"] and line["finished"].endswith("Z"), line
    assert line["statistics"]["model_calls"] >= 40 * (k + 1), line["statistics"]
assert "warnings" in line and p.stdout.read() == "" and p.wait() == 0
)");
  CHECK(shell(c, "python3 watch.py " CALOTYPE_PROGRAM).err == "");
}
