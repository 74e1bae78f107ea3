// Where the dynamic linker looks for the libraries of what is built: an empty element of a run path means the working
// folder, where anybody may have put one.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "check/elf_file.h"

namespace fs = std::filesystem;

namespace {

/// The programs and libraries that are installed, as they lie in the build folder.
std::vector<fs::path> binaries() {
  std::vector<fs::path> out{CALOTYPE_PROGRAM, CALOTYPE_PLUGIN_PROGRAM};
  for (const auto& file : fs::recursive_directory_iterator(CALOTYPE_BUILD "/lib"))
    if (file.path().extension() == ".so") out.push_back(file.path());
  return out;
}

}  // namespace

TEST_CASE("run paths: nothing that is built looks for libraries in the working folder") {
  const auto all = binaries();
  CHECK(all.size() >= 7);
  for (const fs::path& binary : all) {
    const calotype::check::ElfFile file(binary);
    for (const auto tag : {DT_RPATH, DT_RUNPATH})
      for (const std::string& path : file.texts(tag)) {
        CAPTURE(binary);
        CAPTURE(path);
        for (size_t at = 0; at <= path.size() && !path.empty();) {
          const size_t end = std::min(path.find(':', at), path.size());
          const std::string folder = path.substr(at, end - at);
          CHECK((folder.starts_with("/") || folder.starts_with("$ORIGIN")));
          at = end + 1;
        }
      }
  }
}
