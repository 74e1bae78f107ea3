#pragma once
#include "networks/layouts/model_layout.h"

namespace calotype::networks {

/// What a file tells of prediction and sigmas by tensors without weights (v_pred, ztsnr, edm_vpred.*, edm_mean,
/// edm_std) and metadata (modelspec.prediction_type).
void read_marks(const SafetensorsFile& file, ModelLayout& model);

}  // namespace calotype::networks
