#pragma once
#include <calotype/export.h>

#include <cstdint>
#include <string>
#include <vector>

namespace calotype {

/// The search path of models. A value: nothing is read until a name is looked up. Paths are absolute.
struct ModelSearchPath {
  /// Models folders: they contain checkpoints/, diffusers/, sdxl-models/, Stable-diffusion/ or models/, or the models
  /// themselves.
  std::vector<std::string> folders;
  /// Files in the format of ComfyUI's extra_model_paths.yaml.
  std::vector<std::string> comfyui_files;
  /// The Hugging Face cache, which is only read; "": none.
  std::string hub;
  /// Lists of model names, see docs/models.md. A missing file is no error.
  std::vector<std::string> name_files;

  /// The default search path. folders: CALOTYPE_MODELS, else ./models and ~/models if they exist. comfyui_files:
  /// CALOTYPE_MODEL_PATHS. Both variables are separated by colons. hub: HF_HUB_CACHE, else hub in HF_HOME, else in
  /// ~/.cache/huggingface. name_files: Calotype's own, and calotype/model_names.yaml in XDG_CONFIG_HOME (~/.config).
  CALOTYPE_API static ModelSearchPath from_environment();
};

/// The location of a model.
struct ModelLocation {
  std::string path;    ///< absolute; a file or folder
  std::string where;   ///< entry of the search path that has it; for a path, its folder
  uint64_t bytes = 0;  ///< size of the file, or of all files in the folder
};

/// A model on the search path, described by its headers, or a file that looks like a model and the reason why it is not
/// one.
struct ListedModel {
  std::string name;  ///< the name that finds it: "juggernaut-xl-lightning", "stabilityai/sdxl-turbo"
  std::string path, where;
  uint64_t bytes = 0;
  std::string loader, family, layout, prediction;
  std::vector<std::string> types;  ///< types of its weights: "F16", "F32"
  int64_t parameters = 0;
  std::string reason;  ///< why it cannot be used; empty: it can be used
};

/// The size in bytes of a file, or of all files of a folder; links are followed. Unreadable files count 0.
CALOTYPE_API uint64_t bytes_of(const std::string& path);

/// The SHA-256 of a file, in hexadecimal. For a folder: the SHA-256 of the lines that sha256sum prints for its files,
/// with "./" before the names, in byte order. Because it takes seconds, it is kept in calotype/sha256.json in
/// XDG_CACHE_HOME (~/.cache), by path, size and time of change. Throws Error (no_input, io).
CALOTYPE_API std::string sha256_of(const std::string& path);

}  // namespace calotype
