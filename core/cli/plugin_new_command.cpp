#include <calotype/error.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "commands.h"
#include "project.h"

namespace calotype::cli {
namespace fs = std::filesystem;
namespace {

fs::path own_program() {
  std::error_code none;
  return fs::read_symlink("/proc/self/exe", none);
}

/// As a shell finds a program that lies beside this one: by its name where PATH leads to it, else by its path.
std::string called(const fs::path& program) {
  const char* variable = std::getenv("PATH");
  const std::string path = variable ? variable : "";
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find(':', at), path.size());
    std::error_code none;
    const fs::path candidate = fs::path(path.substr(at, end - at)) / program.filename();
    if (fs::exists(candidate, none)) return fs::equivalent(candidate, program, none) ? program.filename().string() : program.string();
    at = end + 1;
  }
  return program.string();
}

/// What CMake must be told to find the package: nothing where it looks by itself.
std::string package_option(const fs::path& program) {
  const fs::path prefix = program.parent_path().parent_path();
  std::error_code none;
  if (fs::exists(prefix / "sdk/CalotypeConfig.cmake", none)) return " -DCalotype_DIR=" + (prefix / "sdk").string();  // a build tree
  return prefix == "/usr" || prefix == "/usr/local" ? "" : " -DCMAKE_PREFIX_PATH=" + prefix.string();
}

int run(const Arguments& arguments) {
  if (arguments.names.size() != 1) throw Error(ErrorCode::usage, "plugin new: wanted one name, got " + std::to_string(arguments.names.size()));
  const std::string& name = arguments.names[0];
  const auto files = project_files({name, arguments.kind, arguments.lang});
  write_project(name, files);

  const fs::path program = own_program();
  const std::string check = program.filename() == "calotype-plugin" ? " check " : " plugin check ";
  const std::string draw = called(program.parent_path() / "calotype");
  std::printf("%s: a %s in %zu files. Build and test it, check it, draw with it:\n\n", name.c_str(), arguments.kind.c_str(), files.size());
  std::printf("  cmake -S %s -B %s/build%s && cmake --build %s/build && ctest --test-dir %s/build\n", name.c_str(), name.c_str(),
              package_option(program).c_str(), name.c_str(), name.c_str());
  std::printf("  %s%s%s/build/%s.so\n", called(program).c_str(), check.c_str(), name.c_str(), name.c_str());
  std::printf("  %s run %s/%s.yaml\n", draw.c_str(), name.c_str(), name.c_str());
  return 0;
}

}  // namespace

Command plugin_new() {
  return {"plugin new", "NAME --kind scheduler|sampler|loader|pipeline [--lang c++|c]", "writes a project that builds, is tested and draws into a new folder NAME",
          {"kind", "lang"}, run};
}

}  // namespace calotype::cli
