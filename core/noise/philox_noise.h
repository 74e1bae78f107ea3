#pragma once
#include <cstdint>
#include <span>

namespace calotype {

/// What torch.randn gives on CUDA for this seed at its `draw`th call, from 0, as AUTOMATIC1111 computes it on any
/// device: unit normal, to about 1e-6. torch itself draws so where a call has at most as many numbers as the GPU runs
/// threads at once (latents of SDXL do).
void philox_noise(uint64_t seed, uint32_t draw, std::span<float> out);

/// Unit normal numbers that are a function of seed, stream and index alone: those from index `first` on, a multiple of
/// kCounterBlock.
void counter_noise(uint64_t seed, uint64_t stream, std::span<float> out, size_t first = 0);
inline constexpr size_t kCounterBlock = 256;

}  // namespace calotype
