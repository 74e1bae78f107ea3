// What a program does to the library that embeds it: opens it by a relative path, twice, with its own floating-point
// mode; ends before it.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = fs::canonical(fs::temp_directory_path()) / ("calotype_embedder_" + std::to_string(getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

struct Ended {
  int status;
  std::string out;
};

Ended embedder(const std::vector<std::string>& words) {
  std::string command = CALOTYPE_EMBEDDER;
  for (const auto& word : words) command += " '" + word + "'";
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  REQUIRE(pipe);
  std::string out;
  for (int c; (c = std::fgetc(pipe)) != EOF;) out += char(c);
  const int status = pclose(pipe);
  CAPTURE(out);
  REQUIRE(WIFEXITED(status));
  return {WEXITSTATUS(status), out};
}

const fs::path kLibrary = CALOTYPE_LIBRARY;
const std::string kConfig =
    R"({"model": ")" CALOTYPE_TEST_DATA R"(/tiny_sdxl/single_file.safetensors", "device": "cpu", "dtype": "float32",
  "prompt": "a red cat", "width": 64, "height": 64, "steps": 1, "scheduler": "karras", "sampler": "euler",
  "guidance_scale": 4.3})";

size_t count(const std::string& text, const std::string& words) {
  size_t n = 0;
  for (size_t at = text.find(words); at != text.npos; at = text.find(words, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE(
    "embedder: a library that was opened by a relative path finds what came with it from anywhere, and nothing else") {
  const Folder folder;
  fs::create_directories(folder.path / "calotype/plugins");
  fs::copy_file(CALOTYPE_LIFETIME "/throws.so", folder.path / "calotype/plugins/throws.so");
  const fs::path beside = kLibrary.parent_path();
  for (const std::string& to : {std::string("/"), folder.path.string()})
    for (const auto& [from, name] : {std::pair{beside.parent_path(), beside.filename() / kLibrary.filename()},
                                     std::pair{beside, fs::path(".") / kLibrary.filename()}}) {
      const Ended e = embedder({"elsewhere", from, name, to});
      CHECK(e.status == 0);
      CHECK(count(e.out, "\"library\":") > 40);
      CHECK(e.out.find("throws.so") == std::string::npos);
    }
}

TEST_CASE("embedder: two copies of the library generate in one process") {
  const Folder folder;
  fs::create_directories(folder.path / "lib");
  fs::copy_file(kLibrary, folder.path / "lib" / kLibrary.filename());
  fs::copy(kLibrary.parent_path() / "calotype", folder.path / "lib/calotype", fs::copy_options::recursive);
  const Ended e = embedder({"copies", kLibrary, folder.path / "lib" / kLibrary.filename(), kConfig});
  CHECK(e.status == 0);
  CHECK(count(e.out, "image ") == 2);
  CHECK(e.out.substr(0, e.out.size() / 2) == e.out.substr(e.out.size() / 2));
}

TEST_CASE("embedder: another floating-point mode of the caller's makes no other image, and is left as it was") {
  const Ended usual = embedder({"mode", "none", kLibrary, kConfig});
  CHECK(usual.status == 0);
  for (const std::string mode : {"up", "trap"}) {
    CAPTURE(mode);
    const Ended e = embedder({"mode", mode, kLibrary, kConfig});
    CHECK(e.status == 0);
    CHECK(e.out == usual.out);
  }
}

TEST_CASE("embedder: a stopped loading of a model is reported as stopped") {
  CHECK(embedder({"stop", kLibrary, kConfig}).out == "130 cancelled\n");
}

TEST_CASE("embedder: a thread may end after the host that had it call a plugin which left data with it") {
  std::string config = kConfig;
  config.replace(config.find("karras"), 6, "leaves_thread_data");
  const Ended e = embedder({"outlive", kLibrary, CALOTYPE_LIFETIME, config});
  CHECK(e.status == 0);
  CHECK(e.out == "0\nended\n");
}
