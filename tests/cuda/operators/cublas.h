#pragma once
#include <c10/core/Device.h>

#include <string>

#include "tensors.h"

namespace stand_in {

/// Whether that operator multiplies by cuBLAS.
bool multiplies(const std::string& name);
/// Does what libtorch does before a product, with its own code: takes this thread's handle, and a workspace for it and
/// the current stream, which is kept for ever. Adds the workspace to what the product writes.
void use_cublas(c10::Device device, Ranges& ranges);

}  // namespace stand_in
