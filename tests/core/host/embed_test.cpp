// The programs of docs/embed.md, built and run as they stand there, and the C header by itself.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("calotype_embed_" + std::to_string(getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The one block of that language on the page.
std::string block(const std::string& language) {
  const std::string page = text_of(CALOTYPE_SOURCE "/docs/embed.md"), start = "```" + language + "\n";
  const size_t at = page.find(start);
  REQUIRE(at != page.npos);
  REQUIRE(page.find(start, at + 1) == page.npos);
  return page.substr(at + start.size(), page.find("\n```", at) + 1 - at - start.size());
}

/// What a command prints, run in the root of the repository. It must end with 0.
std::string output_of(const Folder& folder, const std::string& command) {
  const std::string out = (folder.path / "out").string();
  const int status =
      std::system(("cd " CALOTYPE_SOURCE " && { " + command + " ; } >" + out + " 2>&1 </dev/null").c_str());
  const std::string text = text_of(out);
  CAPTURE(command);
  CAPTURE(text);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 0);
  return text;
}

const std::string kInclude =
    " -Wall -Wextra -Werror -I" CALOTYPE_SOURCE "/core/include -I" CALOTYPE_SOURCE "/sdk/include ";
const std::string kLink = " " CALOTYPE_LIBRARY " -Wl,-rpath," CALOTYPE_LIBRARY_FOLDER " ";

bool has(const std::string& text, const std::string& words) {
  return text.find(words) != text.npos;
}

}  // namespace

TEST_CASE("embed: the C++ program of the page runs") {
  const Folder folder;
  const std::string source = (folder.path / "a.cpp").string(), program = (folder.path / "a").string();
  std::ofstream(source) << block("cpp");
  output_of(folder, CALOTYPE_CXX " -std=c++20 " CALOTYPE_CXX_FLAGS + kInclude + source + " -o " + program + kLink);
  const std::string out = output_of(folder, program);
  CHECK(has(out, "call 4: 16 x 16\n"));
  CHECK(has(out, "128 x 128 pixels, PNG PNG, base64 iVBORw0K\n"));
  CHECK(has(out, "\"models_loaded\":0"));
}

TEST_CASE("embed: the C program of the page runs, and calotype.h is strict C11") {
  const Folder folder;
  const std::string source = (folder.path / "a.c").string(), program = (folder.path / "a").string();
  std::ofstream(source) << block("c");
  output_of(folder,
            CALOTYPE_CC " -std=c11 -pedantic " CALOTYPE_CXX_FLAGS + kInclude + source + " -o " + program + kLink);
  const std::string out = output_of(folder, program);
  CHECK(has(out, "4 of 4\n128 x 128, first pixel "));
  CHECK(has(out, "\"model_calls\":4"));
}

#ifndef __SANITIZE_ADDRESS__  // which a python3 that was built without it cannot load
TEST_CASE("embed: the Python program of the page runs") {
  const Folder folder;
  const std::string source = (folder.path / "a.py").string();
  std::ofstream(source) << block("python");
  const std::string out = output_of(folder, "python3 " + source + " " CALOTYPE_LIBRARY);
  CHECK(has(out, " schedulers\n"));
  CHECK(has(out, "b'\\x89PNG\\r\\n\\x1a\\n' 4 model evaluations\n"));
}
#endif
