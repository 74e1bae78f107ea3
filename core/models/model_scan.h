#pragma once
#include <calotype/host/catalog.h>
#include <calotype/host/models.h>

#include <string>
#include <system_error>
#include <vector>

namespace calotype {

/// What makes a path a model, as the loaders declare it: the endings of files, and files in a folder.
struct ModelMarks {
  std::vector<std::string> endings;       ///< ".safetensors"
  std::vector<std::string> folder_files;  ///< "model_index.json"
  explicit ModelMarks(const Catalog& catalog);
  bool fits_file(const std::string& name) const;
  /// Throws Error (io) with the path if the system does not answer.
  bool fits_folder(const std::string& path) const;
  bool fits_folder(const std::string& path, std::error_code& failed) const;
};

/// A file or folder that looks like a model.
struct ModelCandidate {
  std::string path;
  std::string real;      ///< path without links: two with the same are the same model
  std::string where;     ///< the entry of the search path that has it
  std::string relative;  ///< path below `where`, or "org/name/FILE" in a repository
  std::string name;      ///< stem of the file, name of the folder, or "org/name"
  bool is_folder = false;
  bool is_repository = false;  ///< its name includes its org
  bool direct = false;         ///< it is directly in a folder for checkpoints
  bool preferred = false;
};

struct SkippedPath {
  std::string path, reason;
};

/// Everything on the search path, in the order of the search.
struct ModelScan {
  std::vector<ModelCandidate> found;
  std::vector<SkippedPath> skipped;   ///< broken links, and folders that cannot be read
  std::vector<std::string> searched;  ///< the entries of the search path that exist
};

/// Searches the search path. Every folder is read once, however many links lead to it; "blobs" and hidden folders are
/// skipped. Reads no files except the refs of repositories. Throws Error (config, no_input) for a wrong ComfyUI file.
ModelScan scan_models(const ModelSearchPath& search, const ModelMarks& marks);

/// The models in one folder of a snapshot, by the same rules.
std::vector<ModelCandidate> models_in(const std::string& folder, const ModelMarks& marks);

}  // namespace calotype
