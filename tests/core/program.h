#pragma once
// Runs the program as its user does. CALOTYPE_PROGRAM is its path.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace program_test {
namespace fs = std::filesystem;

inline std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A folder of a test's own; the program runs in it.
struct Folder {
  fs::path path = fs::temp_directory_path() / ("calotype_cli_" + std::to_string(getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path / name, std::ios::binary) << text;
  }
};

struct Ended {
  int code;
  std::string out, err;
};

inline Ended shell(const Folder& folder, const std::string& command) {
  // nobody's own models, caches and settings
  const std::string home =
      "cd '" + folder.path.string() +
      "' && unset CALOTYPE_PLUGIN_PATH CALOTYPE_MODELS CALOTYPE_MODEL_PATHS HF_HOME HF_HUB_CACHE XDG_CONFIG_HOME && "
      "export HOME=\"$PWD\" XDG_CACHE_HOME=\"$PWD/.cache\" && ";
  const std::string line = home + "{ " + command + " ; } >.out 2>.err </dev/null";
  const int status = std::system(line.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(folder.path / ".out"), text_of(folder.path / ".err")};
}

inline Ended run_program(const Folder& folder, const std::string& arguments) {
  return shell(folder, CALOTYPE_PROGRAM " " + arguments);
}

}  // namespace program_test
