#pragma once
#include <string>

#include "networks/ops/weight_loading.h"

namespace calotype::networks {

/// A network's tensors in memory that a GPU reads by itself, while it computes: all are copied there now, in `dtype`,
/// into one piece of it. A block of the network (Weights::block) comes to the device by one copy, of which its tensors
/// are views, but for what linear layers are made of that keep it in fewer bits. That comes when it is read, as does
/// what is in no block. `device`: of CUDA. Throws Error (out_of_memory) where the host has too little of such memory,
/// and as open_weights does.
Weights pinned_weights(const TensorSources& sources, at::Device device, at::ScalarType dtype, Quantization how,
                       const std::string& where, const WeightRead& read);

}  // namespace calotype::networks
