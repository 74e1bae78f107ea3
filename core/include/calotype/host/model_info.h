#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace calotype {

/// One network of a model, as the file headers tell.
struct ModelPart {
  std::string name, dtype;
  int64_t parameters = 0;
  uint64_t bytes = 0;
};

/// What can be said of a model without reading a weight.
struct ModelInfo {
  std::string path, loader, family, layout, prediction;
  int width = 0, height = 0;            ///< pixels it was trained on
  std::vector<double> training_sigmas;  ///< sigma of each training timestep, rising
  std::vector<ModelPart> parts;
  uint64_t file_bytes = 0;           ///< of the file, or of all files in the folder
  std::vector<std::string> missing;  ///< parts and files without which it cannot be loaded
  std::string usage;                 ///< how people run such a model; "" where nothing is known
  int64_t parameters() const;
  uint64_t bytes() const;
};

}  // namespace calotype
