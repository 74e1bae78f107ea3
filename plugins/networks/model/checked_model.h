#pragma once
#include <calotype/model.h>

#include <memory>
#include <vector>

#include "networks/files/safetensors.h"

namespace calotype::networks {

/// `model`, whose files are minded: a part of them that cannot be read ends no process, and an image is given out only
/// where all files are as they were when they were opened. Throws Error (io) where one has changed already.
std::unique_ptr<Model> checked(std::unique_ptr<Model> model, std::vector<std::shared_ptr<const SafetensorsFile>> files);

}  // namespace calotype::networks
