#pragma once
#include <cstdint>
#include <utility>
#include <vector>

namespace calotype::emulator {

/// The order in which blocks and threads run, chosen by a seed (SplitMix64: Steele et al. 2014), or for 0 whichever is
/// quick. A kernel that is right gives the same bits in any.
class Order {
 public:
  explicit Order(uint64_t seed) : is_random_(seed != 0), state_(seed) {}
  bool is_random() const { return is_random_; }
  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// In [0,count).
  uint64_t below(uint64_t count) { return uint64_t((unsigned __int128)(next()) * count >> 64); }
  void shuffle(std::vector<int>& all) {
    for (size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[below(i)]);
  }

 private:
  bool is_random_;
  uint64_t state_;
};

}  // namespace calotype::emulator
