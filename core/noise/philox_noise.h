#pragma once
#include <cstdint>
#include <span>

namespace calotype {

/// The result of torch.randn on CUDA for this seed at its `call`th call, from 0, as AUTOMATIC1111 computes it on any
/// device: standard normal, to about 1e-6. torch gives these numbers if a call has at most as many numbers as the GPU
/// runs threads at once, as for latents of most models.
void philox_noise(uint64_t seed, uint32_t call, std::span<float> out);

/// Standard normal numbers that depend only on seed, stream and index: those from index `first` on, which is a multiple
/// of kCounterBlock.
void counter_noise(uint64_t seed, uint64_t stream, std::span<float> out, size_t first = 0);
inline constexpr size_t kCounterBlock = 256;

}  // namespace calotype
