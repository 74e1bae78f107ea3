#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace calotype {

/// Where models are looked for by name. A value: nothing is read before a name is looked for. Paths are absolute.
struct ModelSearchPath {
  /// Models folders: with checkpoints/, diffusers/, sdxl-models/, Stable-diffusion/ or models/ in them, or models
  /// themselves.
  std::vector<std::string> folders;
  /// ComfyUI's extra_model_paths.yaml, each.
  std::vector<std::string> comfyui_files;
  /// The Hugging Face cache, which is only read; "": none.
  std::string hub;
  /// Files of known names, see docs/models.md; one that is not there says nothing.
  std::vector<std::string> name_files;

  /// folders: CALOTYPE_MODELS, else ./models and ~/models where they are; comfyui_files: CALOTYPE_MODEL_PATHS (both
  /// separated by colons); hub: HF_HUB_CACHE, else hub in HF_HOME, else in ~/.cache/huggingface; name_files: that of
  /// Calotype, and calotype/model_names.yaml in XDG_CONFIG_HOME (~/.config).
  static ModelSearchPath from_environment();
};

/// A model that a name was found to mean.
struct ModelLocation {
  std::string path;  ///< absolute; a file, or a folder
  std::string
      where;  ///< the place that it was found in: one of the folders, or the cache; the path's folder for a path
  uint64_t bytes = 0;  ///< of the file, or of all files in the folder
};

/// A model in reach, by its headers; or a file that looks like one and why it is none.
struct ListedModel {
  std::string name;  ///< finds it: "juggernaut-xl-lightning", "stabilityai/sdxl-turbo"
  std::string path, where;
  uint64_t bytes = 0;
  std::string loader, family, layout, prediction;
  std::vector<std::string> types;  ///< of its weights: "F16", "F32"
  int64_t parameters = 0;
  std::string reason;  ///< why it cannot be used; empty: it can
};

/// The bytes of a file, or of all files of a folder, links followed. What cannot be read counts nothing.
uint64_t bytes_of(const std::string& path);

/// SHA-256 of a file, in hexadecimal. Of a folder: of the lines that sha256sum prints of its files, "./" before the
/// names, in the order of their bytes. Kept in calotype/sha256.json in XDG_CACHE_HOME (~/.cache) by path, size and time
/// of change, because it takes seconds. Throws Error (no_input, io).
std::string sha256_of(const std::string& path);

}  // namespace calotype
