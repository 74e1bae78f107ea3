#pragma once
#include <calotype/host/models.h>

#include <string>
#include <vector>

namespace calotype {

/// One folder of a search.
struct SearchFolder {
  std::string path;
  std::string root;          ///< its name in messages: the models folder, or the path itself
  bool checkpoints = false;  ///< files directly in it come before those in deeper folders
  bool preferred = false;    ///< comes before its equals: ComfyUI's is_default
  bool expected = true;      ///< the user named it
};

/// The folders of a search path, in the order of the search: those for checkpoints, then the rest. Throws Error
/// (config, no_input) for a ComfyUI file that is missing or wrong.
std::vector<SearchFolder> search_folders(const ModelSearchPath& search);

/// The folders for checkpoints and diffusers models in a ComfyUI file.
std::vector<SearchFolder> comfyui_folders(const std::string& file);

}  // namespace calotype
