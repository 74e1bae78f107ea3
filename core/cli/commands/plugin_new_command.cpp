#include <calotype/error.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "cli/commands.h"
#include "cli/edge.h"
#include "cli/project.h"

namespace calotype::cli {
namespace fs = std::filesystem;
namespace {

fs::path own_program() {
  std::error_code none;
  return fs::read_symlink("/proc/self/exe", none);
}

/// Where PATH leads to a program of that name, or "".
fs::path in_path(const fs::path& name) {
  const char* variable = std::getenv("PATH");
  const std::string path = variable ? variable : "";
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find(':', at), path.size());
    std::error_code none;
    const fs::path candidate = fs::path(path.substr(at, end - at)) / name;
    if (fs::exists(candidate, none)) return candidate;
    at = end + 1;
  }
  return {};
}

/// As a shell finds a program that lies beside this one: by its name where PATH leads to it, or where it is not there,
/// else by its path.
std::string called(const fs::path& program) {
  std::error_code none;
  const bool is_found = !fs::exists(program, none) || fs::equivalent(in_path(program.filename()), program, none);
  return is_found ? program.filename().string() : program.string();
}

/// What CMake needs to find the package: nothing where it looks by itself.
std::string package_option(const fs::path& program) {
  const fs::path prefix = program.parent_path().parent_path();
  std::error_code none;
  if (fs::exists(prefix / "sdk/CalotypeConfig.cmake", none))
    return " -DCalotype_DIR=" + (prefix / "sdk").string();  // a build tree
  return prefix == "/usr" || prefix == "/usr/local" ? "" : " -DCMAKE_PREFIX_PATH=" + prefix.string();
}

int run(const Arguments& arguments) {
  if (arguments.names.size() != 1)
    throw Error(ErrorCode::usage, "plugin new: want one name, got " + std::to_string(arguments.names.size()));
  const std::string& name = arguments.names[0];
  const auto files = project_files({name, arguments.kind, arguments.lang});
  write_project(name, files);

  const fs::path program = own_program();
  const fs::path host = program.parent_path() / "calotype";
  const bool is_tensor = needs_libtorch(arguments.kind), is_sdk = program.filename() != host.filename();
  const std::string check = is_sdk && !is_tensor ? called(program) + " check" : called(host) + " plugin check";
  put_line(stdout, name + ": a " + arguments.kind + " in " + std::to_string(files.size()) +
                       " files. Build and test it, check it, generate with it:");
  const std::string build = name + "/build";
  put(stdout, "\n  cmake -S " + name + " -B " + build + package_option(program) + " && cmake --build " + build +
                  " && ctest --test-dir " + build + " --output-on-failure\n");
  put_line(stdout, "  " + check + " " + build + "/" + name + ".so");
  put_line(stdout, "  " + called(host) + " run " + name + "/" + name + ".yaml");
  std::error_code none;
  if (fs::exists(host, none) || !in_path(host.filename()).empty()) return 0;
  if (is_tensor)
    std::printf(
        "\nAll three need Calotype's host and its libtorch; there is no program `calotype` here, but the SDK alone.\n");
  else
    std::printf("\nThe last needs Calotype's host; there is no program `calotype` here, but the SDK alone.\n");
  return 0;
}

}  // namespace

Command plugin_new() {
  return {"plugin new",
          "NAME --kind scheduler|sampler|loader|pipeline [--lang c++|c]",
          "writes a project, with its build, test and config, into a new folder NAME",
          {"kind", "lang"},
          run};
}

}  // namespace calotype::cli
