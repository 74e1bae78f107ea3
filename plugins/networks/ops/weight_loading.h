#pragma once
#include <functional>
#include <span>
#include <string>

#include "networks/files/tensor_sources.h"
#include "networks/ops/weights.h"

namespace calotype::networks {

/// Copies the tensors out of the mapped files to the device, one after the other, each converted to `dtype`. The files
/// are not needed afterwards. What comes out is contiguous and does not depend on where in a file a tensor lay, so that
/// every layout of a model generates the same image, bit for bit. F64, F32, F16, BF16, F8_E4M3 and F8_E5M2 are
/// converted, with their scales; any other type throws Error (bad_data) that begins with `where`. For CUDA the kernels
/// are opened first: throws as cuda_library() does.
Weights load_weights(const TensorSources& sources, at::Device device, at::ScalarType dtype, const std::string& where);

/// Called when a tensor's bytes were read, by whichever thread read them.
using WeightRead = std::function<void(std::span<const std::byte>)>;

/// Whether a tensor can be read in place, see open_weights.
bool can_stay(const TensorSource& source, at::Device device, at::ScalarType dtype);

/// The same, each tensor only when it is asked for, and anew each time, or in place: on the CPU those that need no
/// scale and are of no wider type than `dtype`, which is to be float32 or bfloat16. What `read` holds must keep the
/// files mapped.
Weights open_weights(const TensorSources& sources, at::Device device, at::ScalarType dtype, const std::string& where,
                     const WeightRead& read);

/// Of the tensor that a network reads, without reading it.
std::vector<int64_t> shape_of(const TensorSource& source);

/// Throws Error (unavailable) where the build has kernels for that device and they cannot be opened, as cuda_library()
/// does.
void open_kernels(at::Device device);

}  // namespace calotype::networks
