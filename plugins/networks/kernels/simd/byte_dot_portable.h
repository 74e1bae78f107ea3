// The words of matrix products of bytes, in plain C++. Part of each_instruction_set.h.

namespace calotype::networks::cpu::CALOTYPE_SET {

/// A word is four bytes, of the left operand without a sign and of the right one with a sign; exact in int32.
struct ByteDot {
  struct Sum {
    Vector::Integers v;
    CALOTYPE_INLINE static Sum all(int32_t x) { return {Vector::Integers{x, x, x, x}}; }
    CALOTYPE_INLINE static Sum load(const int32_t* p) {
      Sum sum;
      std::memcpy(&sum.v, p, sizeof sum.v);
      return sum;
    }
    CALOTYPE_INLINE void store(int32_t* p) const { std::memcpy(p, &v, sizeof v); }
  };
  using Result = int32_t;
  static constexpr int32_t kZero = 128;  // the byte of the left operand that stands for 0 counts so much here

  CALOTYPE_INLINE static Vector::Integers load(const uint32_t* words) { return Sum::load((const int32_t*)words).v; }
  CALOTYPE_INLINE static uint32_t all(const uint32_t* word) {
    uint32_t x;
    std::memcpy(&x, word, sizeof x);
    return x;
  }
  CALOTYPE_INLINE static Sum add(Sum sum, uint32_t a, Vector::Integers b) {
    for (int i = 0; i < 4; ++i) {
      const auto number = int32_t(a >> 8 * i & 0xff);
      sum.v += (b << (24 - 8 * i) >> 24) * number;
    }
    return sum;
  }
};

}  // namespace calotype::networks::cpu::CALOTYPE_SET
