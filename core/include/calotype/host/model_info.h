#pragma once
#include <calotype/export.h>

#include <cstdint>
#include <string>
#include <vector>

namespace calotype {

/// A component of a model, as the file headers describe it.
struct ModelPart {
  std::string name, dtype;
  int64_t parameters = 0;
  uint64_t bytes = 0;
};

/// What the file headers say about a model; no weight is read.
struct ModelInfo {
  std::string path, loader, family, layout, prediction;
  int width = 0, height = 0;            ///< pixels; the size on which it was trained
  std::vector<double> training_sigmas;  ///< the sigma of each training timestep, rising
  std::vector<ModelPart> parts;
  uint64_t file_bytes = 0;           ///< size of the file, or of all files in the folder
  std::vector<std::string> missing;  ///< components and files that are missing and without which it cannot be loaded
  std::string usage;                 ///< the usual way to run such a model; "": not known
  CALOTYPE_API int64_t parameters() const;
  CALOTYPE_API uint64_t bytes() const;
};

}  // namespace calotype
