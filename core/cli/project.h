#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace calotype::cli {

/// What `calotype plugin new` is asked for.
struct ProjectRequest {
  std::string name;  ///< of the folder, the library and the entry
  std::string kind;  ///< scheduler, sampler, loader, pipeline
  std::string lang;  ///< c++, c
};

/// A file of a new project; its path is relative to the project's folder.
struct ProjectFile {
  std::string path, text;
};

/// Whether a plugin of that kind is of the host's libtorch.
bool needs_libtorch(std::string_view kind);

/// A project that builds, is tested and runs, as it is. Throws Error (usage) for a name, kind or language that cannot
/// be.
std::vector<ProjectFile> project_files(const ProjectRequest& request);

/// Writes them into a new folder, all or none. Throws Error (cannot_create, io) where something of that name is there.
void write_project(const std::string& folder, const std::vector<ProjectFile>& files);

}  // namespace calotype::cli
