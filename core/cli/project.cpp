#include "cli/project.h"

#include <calotype/error.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/spelling.h"
#include "base/temporary_folder.h"
#include "cli/project_templates.h"

namespace calotype::cli {
namespace fs = std::filesystem;
namespace {

Error misuse(const std::string& what) {
  return {ErrorCode::usage, "plugin new: " + what};
}

/// It becomes the name of a file, of a target of CMake and an id in configs.
void check_name(const std::string& name) {
  constexpr size_t kMost = 64;
  const bool is_plain = name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == name.npos;
  if (name.empty() || name.size() > kMost || !is_plain || name[0] < 'a' || name[0] > 'z')
    throw misuse("name: want a letter, then letters, digits and _, all lower case, at most " + std::to_string(kMost) +
                 ", got \"" + name + "\"");
  const std::vector<std::string> targets{"all",     "clean",   "depend",  "edit_cache",    "experimental", "help",
                                         "install", "nightly", "package", "rebuild_cache", "test"};
  if (std::find(targets.begin(), targets.end(), name) != targets.end())
    throw misuse("name: \"" + name + "\" is a target of CMake's own; want another");
  const std::vector<std::string> words{"null", "true", "false", "yes", "no", "on", "off"};
  if (std::find(words.begin(), words.end(), name) != words.end())
    throw misuse("name: \"" + name + "\" is a value of YAML's own; want another");
}

void check_known(const std::string& what, const std::string& value, const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), value) == known.end())
    throw misuse("--" + what + ": " + unknown_name(what, value, known));
}

std::string filled(std::string_view pattern, const std::vector<std::pair<std::string, std::string>>& words) {
  std::string out(pattern);
  for (const auto& [word, value] : words)
    for (size_t at = 0; (at = out.find(word, at)) != out.npos; at += value.size()) out.replace(at, word.size(), value);
  return out;
}

}  // namespace

bool needs_libtorch(std::string_view kind) {
  return kind == "loader" || kind == "pipeline";
}

std::vector<ProjectFile> project_files(const ProjectRequest& request) {
  const auto& [name, kind, lang] = request;
  check_name(name);
  if (kind.empty()) throw misuse("want --kind scheduler, sampler, loader or pipeline, got none");
  check_known("kind", kind, {"scheduler", "sampler", "loader", "pipeline"});
  check_known("lang", lang, {"c++", "c"});
  const bool is_tensor = needs_libtorch(kind), is_c = lang == "c";
  if (is_tensor && is_c) throw misuse("--lang: a " + kind + " is C++ over the host's libtorch; want c++, got c");

  const std::string ending = is_c ? ".c" : ".cpp", build = is_tensor ? "tensor" : is_c ? "c" : "cxx";
  std::vector<std::pair<std::string, std::string>> sources{
      {".github/workflows/ci.yml", is_tensor ? "ci_tensor.yml" : "ci.yml"},
      {".gitignore", "gitignore"},
      {"CMakeLists.txt", "CMakeLists_" + build + ".txt"},
      {"README.md", is_tensor ? "README_tensor.md" : "README.md"},
      {name + ending, kind + ending},
      {name + ".yaml", kind + ".yaml"}};
  if (!is_tensor) sources.push_back({name + "_test" + ending, kind + "_test" + ending});
  if (kind == "loader") sources.push_back({"example." + name, "loader_example"});
  std::vector<ProjectFile> out;
  for (const auto& [path, source] : sources)
    out.push_back({path, filled(project_templates().at(source),
                                {{"@name@", name}, {"@kind@", kind}, {"@file@", name + ending}})});
  return out;
}

void write_project(const std::string& folder, const std::vector<ProjectFile>& files) {
  const auto refuse_existing = [&] {
    if (fs::symlink_status(folder).type() != fs::file_type::not_found)
      throw Error(ErrorCode::cannot_create, folder + ": is there already; nothing was written");
  };
  refuse_existing();
  TemporaryFolder temporary(".", ".calotype-new-", 0777);
  for (const auto& file : files) write_file(temporary.path() + "/" + file.path, file.text);
  refuse_existing();
  temporary.rename(folder);
}

}  // namespace calotype::cli
