// Figures and grids, as their user asks for them.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <vector>

#include "core/program.h"
#include "image/image_io.h"
#include "image/png_metadata.h"

using namespace program_test;

namespace {

const std::string kConfig = "model: " CALOTYPE_TEST_DATA
                            "/tiny_sdxl/single_file.safetensors\nprompt: a cat\nwidth: 64\nheight: 64\nsteps: 3\n"
                            "device: cpu\ndtype: float32\n";

calotype::Image image(const fs::path& path) {
  return calotype::decode_image(text_of(path), path);
}

std::vector<std::string> cells(const Folder& folder, const std::string& name) {
  std::vector<std::string> out;
  for (const auto& file : fs::directory_iterator(folder.path / name)) out.push_back(file.path().filename());
  std::sort(out.begin(), out.end());
  return out;
}

/// Share of the pixels that are not those of the page.
double inked(const calotype::Image& image) {
  size_t count = 0;
  for (size_t i = 0; i < image.rgb.size(); i += 3)
    count += image.rgb[i] + image.rgb[i + 1] + image.rgb[i + 2] < 3 * 240;
  return double(count) * 3 / double(image.rgb.size());
}

}  // namespace

TEST_CASE("sigmas: several schedulers stand side by side") {
  const Folder folder;
  const Ended e = run_program(folder, "sigmas karras simple --steps 2");
  CHECK(e.out == "karras        simple\n14.6146466    14.6146466\n0.0291675332  1.61288708\n0             0\n");
  const Ended json = run_program(folder, "sigmas karras simple --steps 2 --json");
  CHECK(std::count(json.out.begin(), json.out.end(), '\n') == 2);
  CHECK(run_program(folder, "sigmas --steps 2").err == "sigmas: want a scheduler, or several, got none\n");
  CHECK(run_program(folder, "sigmas karras simple --steps 2 --set rho=5").err ==
        "sigmas: --set is for one scheduler, got 2\n");
}

TEST_CASE("sigmas: --plot plots them") {
  const Folder folder;
  REQUIRE(run_program(folder, "sigmas karras --steps 20 --plot one.png").code == 0);
  REQUIRE(run_program(folder, "sigmas karras exponential beta simple --steps 20 --plot four.png").code == 0);
  const calotype::Image one = image(folder.path / "one.png"), four = image(folder.path / "four.png");
  CHECK(one.width == 1400);
  CHECK(four.width == 1400);
  CHECK(inked(one) > 0.005);
  CHECK(inked(four) > inked(one));
  CHECK(inked(four) < 0.1);
  const Ended nowhere = run_program(folder, "sigmas karras --steps 3 --plot /proc/nowhere/x.png");
  CHECK(nowhere.code == 73);
  CHECK(nowhere.err.find("/proc/nowhere") != std::string::npos);
}

TEST_CASE("grid: generates each cell once, lays all on a sheet, and generates only what is missing") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  const std::string command = "grid a.yaml --x scheduler=karras,simple --y 'sampler=euler|dpmpp_2m|lms'";
  const Ended first = run_program(folder, command);
  CHECK(first.out == "a-grid.png\n");
  CHECK(first.err.find("6/6 scheduler=simple, sampler=lms: ") != std::string::npos);
  auto files = cells(folder, "a-grid.cells");
  REQUIRE(files.size() == 6);
  CHECK(files[0].starts_with("karras-dpmpp_2m-"));
  const calotype::Image sheet = image(folder.path / "a-grid.png");
  CHECK(sheet.width > 2 * 64);
  CHECK(sheet.height > 3 * 64);
  CHECK(run_program(folder, command).err == "");
  fs::remove(folder.path / "a-grid.cells" / files[0]);
  const Ended again = run_program(folder, command);
  CHECK(again.err.find("scheduler=karras, sampler=dpmpp_2m: ") != std::string::npos);
  CHECK(std::count(again.err.begin(), again.err.end(), '\n') == 1);
  // another seed is another image
  CHECK(run_program(folder, command + " --set seed=3 --quiet").err == "");
  CHECK(cells(folder, "a-grid.cells").size() == 12);
  // what a cell holds is what `run` generates
  REQUIRE(run_program(folder, "run a.yaml --set scheduler=karras --set sampler=dpmpp_2m --set output=alone.png").code ==
          0);
  CHECK(image(folder.path / "alone.png").rgb == image(folder.path / "a-grid.cells" / files[0]).rgb);
}

TEST_CASE("grid: goes on after it was killed") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  const std::string command = "grid a.yaml --x seed=1,2,3,4,5,6 --set steps=30 --output b.png";
  const Ended killed = shell(folder, CALOTYPE_PROGRAM " " + command +
                                         " & pid=$!; while [ -z \"$(ls b.cells 2>/dev/null | grep -v '\\.tmp' | grep "
                                         "png$)\" ]; do sleep 0.02; done; kill -9 $pid; wait $pid; "
                                         "for f in b.cells/*.png; do touch -d 2001-01-01 $f; done; ls b.cells/*.png");
  CHECK(!fs::exists(folder.path / "b.png"));
  const auto done = std::count(killed.out.begin(), killed.out.end(), '\n');
  REQUIRE(done >= 1);
  CHECK(run_program(folder, command).out == "b.png\n");
  CHECK(fs::exists(folder.path / "b.png"));
  CHECK(shell(folder, "find b.cells -name '*.png' | wc -l; find b.cells -name '*.png' ! -newermt 2002-01-01 | wc -l")
            .out == "6\n" + std::to_string(done) + "\n");
}

TEST_CASE("grid: a cell that cannot be generated is reported, and stays gray") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  const Ended e = run_program(folder, "grid a.yaml --x steps=2,0 --quiet");
  CHECK(e.code == 78);
  CHECK(e.out == "a-grid.png\n");
  CHECK(e.err == "calotype: grid: steps=0: --set steps=0: steps: want an integer from 1 to 1000, got \"0\"\n");
}

TEST_CASE("grid: where not one image can be generated there is no sheet") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  folder.write("a-grid.cells", "no folder");
  const Ended e = run_program(folder, "grid a.yaml --x steps=1 --quiet");
  CHECK(e.code == 73);
  CHECK(e.out == "");
  CHECK(e.err.starts_with("calotype: grid: steps=1: a-grid.cells/1-"));
  CHECK(e.err.ends_with(".png: cannot be written: " + (fs::canonical(folder.path) / "a-grid.cells").string() +
                        " is not a folder\n"));
  CHECK(!fs::exists(folder.path / "a-grid.png"));
}

TEST_CASE("grid: --curves plots the sigmas of each row beside it") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  const std::string command = "grid a.yaml --x steps=2,9 --y scheduler=karras,simple,turbo --quiet --output ";
  REQUIRE(run_program(folder, command + "plain.png").code == 0);
  REQUIRE(run_program(folder, command + "curves.png --curves").code == 0);
  const calotype::Image plain = image(folder.path / "plain.png"), curves = image(folder.path / "curves.png");
  CHECK(curves.width >= plain.width + 3 * 64);
  CHECK(curves.height == plain.height);
  // each in blue, over the usual one in gray; of the usual one itself no gray is left to see
  for (int row = 0; row < 3; ++row) {
    size_t blue = 0, gray = 0;
    for (int y = curves.height - (3 - row) * (64 + 8) - 16; y < curves.height - (2 - row) * (64 + 8) - 24; ++y)
      for (int x = plain.width; x < curves.width; ++x) {
        const uint8_t* p = &curves.rgb[(size_t(y) * size_t(curves.width) + size_t(x)) * 3];
        blue += p[2] > p[0] + 100;
        gray += std::abs(p[0] - 184) < 3 && std::abs(p[2] - 191) < 3;
      }
    CAPTURE(row);
    CHECK(blue > 200);
    CHECK((gray > 100) == (row > 0));
  }
}

TEST_CASE("grid: show prints what is on a sheet") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  REQUIRE(run_program(folder, "grid a.yaml --x steps=2,3 --y 'prompt=a cat, black|\xc3\xa9t\xc3\xa9' --quiet").code ==
          0);
  CHECK(run_program(folder, "show a-grid.png").out ==
        "grid:\n{\"config\":\"a.yaml\",\"curves\":false,\"across\":{\"key\":\"steps\",\"values\":[\"2\",\"3\"]},"
        "\"down\":{\"key\":\"prompt\",\"values\":[\"a cat, black\",\"\xc3\xa9t\xc3\xa9\"]}}\n\n");
}

TEST_CASE("grid: reports what is wrong with its arguments") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  folder.write("bad.yaml", kConfig + "stepz: 3\n");
  const auto says = [&](const std::string& arguments) { return run_program(folder, "grid " + arguments).err; };
  CHECK(says("") == "grid: want one config or image, got 0\n");
  CHECK(says("a.yaml") == "grid: want --x KEY=VALUE,VALUE or --y, got neither\n");
  CHECK(says("a.yaml --x steps") == "grid: --x: want KEY=VALUE,VALUE, got \"steps\"\n");
  CHECK(says("a.yaml --y steps=2,,3") == "grid: --y: want values between the separators, got \"steps=2,,3\"\n");
  CHECK(says("a.yaml --x steps=2 --y steps=3") == "grid: --x and --y: want two keys, got \"steps\" twice\n");
  CHECK(says("a.yaml --x steps=2 --output a.jpg") == "grid: --output: want a name that ends in .png, got \"a.jpg\"\n");
  CHECK(says("a.yaml --x steps=2 --cell 4") == "grid: --cell: want 16 to 4096, got 4\n");
  const std::string longest = std::string(250, 'a') + ".png";
  CHECK(says("a.yaml --x steps=2 --output " + longest) ==
        "grid: --output: want a shorter name, got one whose folder of images, " + std::string(60, 'a') +
            "..., has 256 bytes, and 255 is the most\n");
  CHECK(shell(folder, "mkfifo pipe").code == 0);
  CHECK(says("pipe --x steps=2") ==
        "grid: pipe: want a file, which is read again for each image, got a pipe or device\n");
  CHECK(says("/dev/null --x steps=2") ==
        "grid: /dev/null: want a file, which is read again for each image, got a pipe or device\n");
  CHECK(shell(folder, "cat a.yaml | " CALOTYPE_PROGRAM " grid /dev/fd/0 --x steps=2").err ==
        "grid: /dev/fd/0: want a file, which is read again for each image, got a pipe or device\n");
  CHECK(says("a.yaml --x steps=2 --output /proc/g.png")
            .ends_with(".png: cannot be written: /proc is the system's, and keeps no files\n"));
  CHECK(says("bad.yaml --x steps=2,3").starts_with("bad.yaml:8:1: unknown key \"stepz\""));
}

TEST_CASE(
    "grid: a cell is generated again when an image, the weights of a folder or a plugin that it was made from have "
    "changed") {
  const Folder folder;
  const std::string command = "grid a.yaml --x seed=1 --quiet";
  const auto is_new = [&](const std::string& change) {
    CAPTURE(change);
    REQUIRE(shell(folder, change).code == 0);
    const size_t before = cells(folder, "a-grid.cells").size();
    REQUIRE(run_program(folder, command).code == 0);
    return cells(folder, "a-grid.cells").size() > before;
  };
  fs::create_directories(folder.path / "p");
  fs::copy(CALOTYPE_TEST_DATA "/tiny_sdxl/diffusers", folder.path / "m", fs::copy_options::recursive);
  fs::copy_file(CALOTYPE_TEST_DATA "/goldens/init.png", folder.path / "i.png");
  const std::string build = CALOTYPE_CXX " -std=c++20 -shared -fPIC -I" CALOTYPE_SOURCE "/sdk/include -DPOWER=",
                    source = " " CALOTYPE_SOURCE "/sdk/example/ease.cpp";
  REQUIRE(shell(folder, build + "1" + source + " -o p/ease.so").code == 0);
  folder.write("a.yaml",
               "model: m\nprompt: a cat\nwidth: 64\nheight: 64\nsteps: 3\ndevice: cpu\ndtype: float32\npipeline: "
               "image_to_image\nimage: i.png\n"
               "scheduler: ease\nplugins: {path: p}\n");
  REQUIRE(run_program(folder, command).code == 0);
  CHECK(!is_new("true"));
  CHECK(is_new("cp " CALOTYPE_SOURCE "/configs/demo_model/picture.png i.png"));
  CHECK(!is_new("true"));
  CHECK(is_new("touch m/unet/diffusion_pytorch_model.safetensors"));
  CHECK(!is_new("true"));
  CHECK(is_new(build + "2 -O1" + source + " -o p/ease.so"));
  CHECK(!is_new("true"));
}

TEST_CASE(
    "grid: a cell is generated again when the config beside a component has changed, and a name in no encoding is "
    "shown") {
  const Folder folder;
  fs::copy(CALOTYPE_TEST_DATA "/tiny_sdxl/diffusers/vae", folder.path / "v", fs::copy_options::recursive);
  folder.write("a\xff.yaml", "model: {path: " CALOTYPE_TEST_DATA
                             "/tiny_sdxl/single_file.safetensors, vae: v/diffusion_pytorch_model.safetensors}\n"
                             "prompt: a cat\nwidth: 64\nheight: 64\nsteps: 1\ndevice: cpu\ndtype: float32\n");
  const std::string command = "grid 'a\xff.yaml' --x seed=1 --quiet --output g.png";
  REQUIRE(run_program(folder, command).code == 0);
  const size_t before = cells(folder, "g.cells").size();
  REQUIRE(shell(folder, "sed -i 's/0.13025/0.5/' v/config.json").code == 0);
  CHECK(run_program(folder, command).code == 0);
  CHECK(cells(folder, "g.cells").size() == before + 1);
}

TEST_CASE("grid: an image that is no grid is not written over") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  fs::copy_file(CALOTYPE_TEST_DATA "/goldens/init.png", folder.path / "mine.png");
  const Ended e = run_program(folder, "grid a.yaml --x seed=1 --output mine.png");
  CHECK(e.code == 73);
  CHECK(e.err == "grid: mine.png: is there already, and is no grid; want another --output\n");
  CHECK(text_of(folder.path / "mine.png") == text_of(CALOTYPE_TEST_DATA "/goldens/init.png"));
}

TEST_CASE("grid: what lies at a cell's path and is none is named, with what to do") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  const std::string command = "grid a.yaml --x seed=1 --quiet";
  REQUIRE(run_program(folder, command).code == 0);
  const std::string cell = "a-grid.cells/" + cells(folder, "a-grid.cells").at(0), whole = text_of(folder.path / cell);
  const auto says = [&](const std::string& bytes) {
    folder.write(cell, bytes);
    const Ended e = run_program(folder, command);
    CHECK(e.code == 65);
    return e.err;
  };
  const std::string remedy = "; remove it, and it is generated again\n";
  CHECK(says("") == "grid: seed=1: " + cell + ": not a PNG" + remedy);
  CHECK(says(text_of(CALOTYPE_TEST_DATA "/goldens/init.png")) ==
        "grid: seed=1: " + cell + ": want an image of a grid, got another file" + remedy);
  const std::string cut = says(whole.substr(0, whole.size() - 20));
  CHECK(cut.starts_with("grid: seed=1: " + cell + ": PNG is cut short at byte "));
  CHECK(cut.ends_with(remedy));
  REQUIRE(fs::remove(folder.path / cell));
  CHECK(run_program(folder, command).code == 0);
}

TEST_CASE("grid: a cell that was generated with less memory is reported whenever it is shown") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  const std::string command = "grid a.yaml --x seed=1 --quiet";
  REQUIRE(run_program(folder, command).code == 0);
  const fs::path cell = folder.path / "a-grid.cells" / cells(folder, "a-grid.cells").at(0);
  folder.write("a-grid.cells/" + cell.filename().string(),
               calotype::with_png_text(text_of(cell), "fallbacks", "vae_tiling: on"));
  CHECK(run_program(folder, command).err == "calotype: grid: seed=1: memory ran out; generated with vae_tiling: on\n");
  CHECK(run_program(folder, "show a-grid.png").out.find("vae_tiling: on") != std::string::npos);
}
