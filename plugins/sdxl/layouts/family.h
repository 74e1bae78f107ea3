#pragma once
#include <string>

namespace calotype::sdxl {

struct ModelLayout;

/// "sdxl", or which of its relatives, by the shapes of the tensors and the noise schedule alone. What only the training
/// tells apart (Turbo, Lightning, Hyper, Pony and all merges) is "sdxl".
std::string family_of(const ModelLayout& model);

/// How people run such a model, from its family and from the words of its name; "" where nothing is known. A hint to be
/// shown: nothing follows it.
std::string usage_of(const ModelLayout& model);

}  // namespace calotype::sdxl
