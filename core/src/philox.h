#pragma once
#include <array>
#include <cstdint>

namespace calotype {

inline constexpr int kPhiloxRounds = 10;

/// The key of Philox 4x32, and its next values.
struct PhiloxKey {
  uint32_t low, high;
  explicit constexpr PhiloxKey(uint64_t key) : low(uint32_t(key)), high(uint32_t(key >> 32)) {}
  constexpr void next() { low += 0x9e3779b9, high += 0xbb67ae85; }
};

/// One of its rounds, on a counter of four words. Inline everywhere: it stands in loops that are compiled for several instruction sets.
[[gnu::always_inline]] constexpr void philox_round(uint32_t& a, uint32_t& b, uint32_t& c, uint32_t& d, PhiloxKey key) {
  const uint64_t x = uint64_t(a) * 0xd2511f53, y = uint64_t(c) * 0xcd9e8d57;
  a = uint32_t(y >> 32) ^ b ^ key.low, b = uint32_t(y);
  c = uint32_t(x >> 32) ^ d ^ key.high, d = uint32_t(x);
}

/// Philox 4x32 with 10 rounds: four words that are a function of a counter and a key. Salmon et al. 2011, "Parallel random numbers:
/// as easy as 1, 2, 3", section 3.3.
constexpr std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, uint64_t key) {
  PhiloxKey of_round(key);
  for (int round = 0; round < kPhiloxRounds; ++round, of_round.next()) philox_round(counter[0], counter[1], counter[2], counter[3], of_round);
  return counter;
}

}  // namespace calotype
