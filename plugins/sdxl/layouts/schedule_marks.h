#pragma once
#include "layouts/found_model.h"

namespace calotype::sdxl {

/// What a file tells of prediction and noise levels by tensors without weights (v_pred, ztsnr, edm_vpred.*, edm_mean,
/// edm_std) and metadata (modelspec.prediction_type).
void read_marks(const SafetensorsFile& file, FoundModel& model);

}  // namespace calotype::sdxl
