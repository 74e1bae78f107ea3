#pragma once
#include <vector>

#include "memory.h"
#include "networks/kernels/cuda/kernels.h"

namespace calotype::emulator {

// The buffers of each call of cuda/kernels.h, as that says: no more is read or written. Each of the call's pointers is
// replaced by where the emulator finds the bytes (inside() of launch.h); what is returned has it as it was.

std::vector<Range> open_buffers(networks::cuda::GroupNormCall& call);
std::vector<Range> open_buffers(networks::cuda::LayerNormCall& call);
std::vector<Range> open_buffers(networks::cuda::GegluCall& call);
std::vector<Range> open_buffers(networks::cuda::ResidualCall& call);
std::vector<Range> open_buffers(networks::cuda::CombineCall& call);
std::vector<Range> open_buffers(networks::cuda::ScaledCall& call);
std::vector<Range> open_buffers(networks::cuda::DenoisedCall& call);
std::vector<Range> open_buffers(networks::cuda::ByteRowsCall& call);
std::vector<Range> open_buffers(networks::cuda::Int8EndCall& call);
std::vector<Range> open_buffers(networks::cuda::LayerNormBytesCall& call);
std::vector<Range> open_buffers(networks::cuda::GegluBytesCall& call);
std::vector<Range> open_buffers(networks::cuda::Int8EndBytesCall& call);

}  // namespace calotype::emulator
