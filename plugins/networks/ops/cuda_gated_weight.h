#pragma once
#include <memory>

#include "networks/ops/linear_weight.h"

namespace calotype::networks {

/// The gated weight of a product with 2*out outputs, whose bias is added by the kernel that gates; as in
/// linear_weight_choice.h.
std::shared_ptr<const LinearWeight> cuda_gated_weight(std::shared_ptr<const LinearWeight> product);

}  // namespace calotype::networks
