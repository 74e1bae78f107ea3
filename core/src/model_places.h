#pragma once
#include <calotype/host/models.h>

#include <string>
#include <vector>

#include "config_tree.h"

namespace calotype {

/// One folder to be searched.
struct SearchFolder {
  std::string path;
  std::string root;          ///< as messages name the place: the models folder, or the path itself
  bool checkpoints = false;  ///< files directly in it go before those in deeper folders
  bool preferred = false;    ///< goes before its equals: ComfyUI's is_default
  bool expected = true;      ///< someone said that it is there
};

/// `places`, with what the config says of models_dir and model_paths in their stead. Throws Error (config, no_input)
/// with its place.
ModelPlaces read_model_places(const ConfigTree& tree, ModelPlaces places);

/// The folders of the places, in the order that they are to be searched in: those for checkpoints, then the rest.
/// Throws Error (config, no_input) for a ComfyUI file that is not there or says something else.
std::vector<SearchFolder> search_folders(const ModelPlaces& places);

/// The folders that a ComfyUI file names for checkpoints and diffusers models.
std::vector<SearchFolder> comfyui_folders(const std::string& file);

/// HOME, or where that is not set what the system knows of the user; empty where it knows nothing.
std::string home_folder();
/// "~/a" -> "/home/me/a"; the rest as it is.
std::string with_home(const std::string& path);

}  // namespace calotype
