#pragma once
#include "networks/layouts/model_layout.h"

namespace calotype::networks {

/// Throws Error (bad_data) where its layers do not fit together, or not the model's latents.
void check_fits(const FoundTinyDecoder& decoder, const ModelLayout& model);

}  // namespace calotype::networks
