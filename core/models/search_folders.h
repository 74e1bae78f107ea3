#pragma once
#include <calotype/host/models.h>

#include <string>
#include <vector>

namespace calotype {

/// One folder to be searched.
struct SearchFolder {
  std::string path;
  std::string root;          ///< as messages name the place: the models folder, or the path itself
  bool checkpoints = false;  ///< files directly in it go before those in deeper folders
  bool preferred = false;    ///< goes before its equals: ComfyUI's is_default
  bool expected = true;      ///< someone said that it is there
};

/// The folders of the places, in the order that they are to be searched in: those for checkpoints, then the rest.
/// Throws Error (config, no_input) for a ComfyUI file that is not there or says something else.
std::vector<SearchFolder> search_folders(const ModelSearchPath& places);

/// The folders that a ComfyUI file names for checkpoints and diffusers models.
std::vector<SearchFolder> comfyui_folders(const std::string& file);

}  // namespace calotype
