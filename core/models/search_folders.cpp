#include "models/search_folders.h"

#include <calotype/file_kind.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/install_folder.h"
#include "base/user_paths.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

/// The usual folders for checkpoints in a models folder; the folders of A1111 and ComfyUI themselves are also possible.
constexpr std::array kCheckpointFolders{"checkpoints", "Stable-diffusion", "models/checkpoints",
                                        "models/Stable-diffusion"};
constexpr std::array kOtherFolders{"diffusers", "sdxl-models", "models/diffusers"};

/// The absolute path; empty if the path is relative and the working folder is gone.
fs::path absolute_if_known(const fs::path& path) {
  std::error_code gone;
  const fs::path out = fs::absolute(path, gone);
  return gone ? fs::path() : out.lexically_normal();
}

/// The folder in a variable, else `otherwise` in the home folder; empty if there is none.
fs::path base_folder(const char* name, const char* otherwise) {
  if (const std::string given = environment_variable(name); !given.empty()) return given;
  const std::string home = home_folder();
  return home.empty() ? fs::path() : fs::path(home) / otherwise;
}

std::vector<std::string> absolute_paths(const char* name) {
  std::vector<std::string> out;
  for (const auto& path : split_paths(environment_variable(name)))
    if (const fs::path found = absolute_if_known(with_home(path)); !found.empty()) out.push_back(found);
  return out;
}

/// Also true if that cannot be read: the search then reports it. Another user may own the home folder.
bool may_be_folder(const fs::path& path) {
  std::error_code failed;
  return fs::is_directory(path, failed) || (failed && !means_nothing(failed));
}

std::string hub_folder() {
  for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"})
    if (const std::string given = environment_variable(name); !given.empty())
      return absolute_if_known(with_home(given));
  const std::string home = environment_variable("HF_HOME");
  if (!home.empty()) return absolute_if_known(fs::path(with_home(home)) / "hub");
  const fs::path cache = base_folder("XDG_CACHE_HOME", ".cache");
  return cache.empty() ? "" : absolute_if_known(cache / "huggingface/hub");
}

/// The folders of A1111 and ComfyUI contain the whole program; their models are in models/.
std::string searched_whole(const std::string& root) {
  const bool is_program =
      may_be_folder(root + "/models/checkpoints") || may_be_folder(root + "/models/Stable-diffusion");
  return is_program ? root + "/models" : root;
}

}  // namespace

ModelSearchPath ModelSearchPath::from_environment() {
  ModelSearchPath search;
  search.folders = absolute_paths("CALOTYPE_MODELS");
  if (search.folders.empty())
    for (const fs::path& folder : {absolute_if_known("models"), absolute_if_known(with_home("~/models"))})
      if (may_be_folder(folder)) search.folders.push_back(folder);
  search.comfyui_files = absolute_paths("CALOTYPE_MODEL_PATHS");
  search.hub = hub_folder();
  search.name_files = {own_folder() + "/model_names.yaml"};
  if (const fs::path own = base_folder("XDG_CONFIG_HOME", ".config"); !own.empty())
    search.name_files.push_back(own / "calotype/model_names.yaml");
  return search;
}

std::vector<SearchFolder> search_folders(const ModelSearchPath& search) {
  std::vector<SearchFolder> first, second, whole;
  for (const auto& root : search.folders) {
    for (const std::string name : kCheckpointFolders)
      if (may_be_folder(root + "/" + name)) first.push_back({root + "/" + name, root, true});
    for (const std::string name : kOtherFolders)
      if (may_be_folder(root + "/" + name)) second.push_back({root + "/" + name, root});
    whole.push_back({searched_whole(root), root});
  }
  for (const auto& file : search.comfyui_files)
    for (auto& folder : comfyui_folders(file)) (folder.checkpoints ? first : second).push_back(std::move(folder));
  std::stable_partition(first.begin(), first.end(), [](const SearchFolder& f) { return f.preferred; });
  first.insert(first.end(), second.begin(), second.end());
  first.insert(first.end(), whole.begin(), whole.end());
  if (!search.hub.empty()) first.push_back({.path = search.hub, .root = search.hub, .expected = false});
  // installed with the host, so that a config with the demo model runs everywhere
  if (const std::string own = own_folder() + "/models"; may_be_folder(own))
    first.push_back({.path = own, .root = own, .expected = false});
  return first;
}

}  // namespace calotype
