#pragma once
#include <string>

#include "networks/layouts/model_layout.h"

namespace calotype::sdxl {

/// "sdxl", or which of its relatives, by the shapes of the tensors and the noise schedule alone. What only the training
/// tells apart (Turbo, Lightning, Hyper, Pony and all merges) is "sdxl".
std::string family_of(const networks::ModelLayout& model);

/// How people run such a model, from its family and from the words of its name; "" where nothing is known. A hint to be
/// shown: nothing follows it.
std::string usage_of(const networks::ModelLayout& model);

}  // namespace calotype::sdxl
