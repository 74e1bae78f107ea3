#pragma once
#include <vector>

#include "kernels/cuda/kernels.h"
#include "memory.h"

namespace calotype::emulator {

// The buffers of each call of cuda/kernels.h, as that says: no more is read or written. Each of the call's pointers is
// replaced by where the emulator finds the bytes (inside() of launch.h); what is returned has it as it was.

std::vector<Range> open_buffers(sdxl::cuda::GroupNormCall& call);
std::vector<Range> open_buffers(sdxl::cuda::LayerNormCall& call);
std::vector<Range> open_buffers(sdxl::cuda::GegluCall& call);
std::vector<Range> open_buffers(sdxl::cuda::ResidualCall& call);
std::vector<Range> open_buffers(sdxl::cuda::CombineCall& call);
std::vector<Range> open_buffers(sdxl::cuda::ScaledCall& call);
std::vector<Range> open_buffers(sdxl::cuda::DenoisedCall& call);
std::vector<Range> open_buffers(sdxl::cuda::ByteRowsCall& call);
std::vector<Range> open_buffers(sdxl::cuda::Int8EndCall& call);
std::vector<Range> open_buffers(sdxl::cuda::LayerNormBytesCall& call);
std::vector<Range> open_buffers(sdxl::cuda::GegluBytesCall& call);
std::vector<Range> open_buffers(sdxl::cuda::Int8EndBytesCall& call);

}  // namespace calotype::emulator
