#pragma once
#include <array>
#include <cstdint>

namespace calotype {

/// Philox 4x32 with 10 rounds: four words that are a function of a counter and a key. Salmon et al. 2011, "Parallel random numbers:
/// as easy as 1, 2, 3", section 3.3.
constexpr std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, uint64_t key) {
  auto low = uint32_t(key), high = uint32_t(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t(counter[0]) * 0xd2511f53, b = uint64_t(counter[2]) * 0xcd9e8d57;
    counter = {uint32_t(b >> 32) ^ counter[1] ^ low, uint32_t(b), uint32_t(a >> 32) ^ counter[3] ^ high, uint32_t(a)};
    low += 0x9e3779b9, high += 0xbb67ae85;
  }
  return counter;
}

}  // namespace calotype
