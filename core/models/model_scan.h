#pragma once
#include <calotype/host/catalog.h>
#include <calotype/host/models.h>

#include <string>
#include <system_error>
#include <vector>

namespace calotype {

/// What makes a path a model, as the loaders say: files by their ending, folders by a file in them.
struct ModelMarks {
  std::vector<std::string> endings;       ///< ".safetensors"
  std::vector<std::string> folder_files;  ///< "model_index.json"
  explicit ModelMarks(const Catalog& catalog);
  bool fits_file(const std::string& name) const;
  /// Throws Error (io) naming the file where the system does not tell.
  bool fits_folder(const std::string& path) const;
  bool fits_folder(const std::string& path, std::error_code& failed) const;
};

/// A file or folder that looks like a model.
struct ModelCandidate {
  std::string path;
  std::string real;      ///< without links: two of one are the same model
  std::string where;     ///< the place that it was found in
  std::string relative;  ///< below `where`, or "org/name/FILE" where it is a repository's
  std::string name;      ///< stem of the file, name of the folder, or "org/name"
  bool is_folder = false;
  bool is_repository = false;  ///< it is named by its org as well
  bool direct = false;         ///< directly in a folder for checkpoints
  bool preferred = false;
};

struct SkippedPath {
  std::string path, reason;
};

/// All that the places hold, in the order they were searched in.
struct ModelScan {
  std::vector<ModelCandidate> found;
  std::vector<SkippedPath> skipped;   ///< links that lead nowhere, folders that cannot be read
  std::vector<std::string> searched;  ///< the places that are there
};

/// Passes the places. Every folder is read once, whatever links lead to it; "blobs" and hidden ones are not. Reads no
/// file but the refs of repositories. Throws Error (config, no_input) for a ComfyUI file that is wrong.
ModelScan scan_models(const ModelSearchPath& places, const ModelMarks& marks);

/// The models in one folder of a snapshot, by the same rules.
std::vector<ModelCandidate> models_in(const std::string& folder, const ModelMarks& marks);

}  // namespace calotype
