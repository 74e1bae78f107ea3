#pragma once
#include <array>
#include <cstdint>

namespace calotype {

inline constexpr int kPhiloxRounds = 10;

/// The key of Philox 4x32, and the next key of the schedule.
struct PhiloxKey {
  uint32_t low, high;
  explicit constexpr PhiloxKey(uint64_t key) : low(uint32_t(key)), high(uint32_t(key >> 32)) {}
  constexpr void next() { low += 0x9e3779b9, high += 0xbb67ae85; }
};

inline constexpr uint32_t kPhiloxA = 0xd2511f53, kPhiloxC = 0xcd9e8d57;

/// The end of a round, on a counter of four words: x is a * kPhiloxA, y is c * kPhiloxC. Words may be vectors of 64
/// bits a lane, whose upper halves then have no meaning. Always inlined, because it is used in loops that are compiled
/// for several instruction sets.
template <class Product, class Word>
[[gnu::always_inline]] constexpr void philox_mix(const Product& x, const Product& y, Word& a, Word& b, Word& c, Word& d,
                                                 PhiloxKey key) {
  a = Word(y >> 32) ^ b ^ key.low, b = Word(y);
  c = Word(x >> 32) ^ d ^ key.high, d = Word(x);
}

/// One round.
[[gnu::always_inline]] constexpr void philox_round(uint32_t& a, uint32_t& b, uint32_t& c, uint32_t& d, PhiloxKey key) {
  philox_mix(uint64_t(a) * kPhiloxA, uint64_t(c) * kPhiloxC, a, b, c, d, key);
}

/// Philox 4x32 with 10 rounds: four words as a function of a counter and a key. Salmon et al. 2011, "Parallel random
/// numbers: as easy as 1, 2, 3", section 3.3.
constexpr std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, uint64_t key) {
  PhiloxKey of_round(key);
  for (int round = 0; round < kPhiloxRounds; ++round, of_round.next())
    philox_round(counter[0], counter[1], counter[2], counter[3], of_round);
  return counter;
}

}  // namespace calotype
