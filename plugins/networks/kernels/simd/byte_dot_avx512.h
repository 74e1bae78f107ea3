// The words of matrix products of bytes, by VPDPBUSD. Part of each_instruction_set.h.

namespace calotype::networks::cpu::CALOTYPE_SET {

/// A word is four bytes, of the left operand without a sign and of the right one with a sign; exact in int32.
struct ByteDot {
  struct Sum {
    __m512i v;
    CALOTYPE_INLINE static Sum all(int32_t x) { return {_mm512_set1_epi32(x)}; }
    CALOTYPE_INLINE static Sum load(const int32_t* p) { return {_mm512_loadu_si512(p)}; }
    CALOTYPE_INLINE void store(int32_t* p) const { _mm512_storeu_si512(p, v); }
  };
  using Result = int32_t;
  static constexpr int32_t kZero = 128;  // the byte of the left operand that stands for 0 counts so much here

  CALOTYPE_INLINE static __m512i load(const uint32_t* words) { return _mm512_loadu_si512(words); }
  CALOTYPE_INLINE static __m512i all(const uint32_t* word) {
    int x;
    std::memcpy(&x, word, sizeof x);
    return _mm512_set1_epi32(x);
  }
  CALOTYPE_INLINE static Sum add(Sum sum, __m512i a, __m512i b) { return {_mm512_dpbusd_epi32(sum.v, a, b)}; }
};

}  // namespace calotype::networks::cpu::CALOTYPE_SET
