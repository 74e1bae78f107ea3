// The words of matrix products of bytes, by VPMADDUBSW. Part of each_instruction_set.h.

namespace calotype::networks::cpu::CALOTYPE_SET {

/// A word is four bytes, of the left operand around 128 and of the right one in [-127,127]; exact in int32. The
/// instruction adds pairs of products in int16, which saturate for a left operand up to 255: so that takes part as its
/// distance from 128, and its sign goes over to the right one.
struct ByteDot {
  struct Sum {
    __m256i v;
    CALOTYPE_INLINE static Sum all(int32_t x) { return {_mm256_set1_epi32(x)}; }
    CALOTYPE_INLINE static Sum load(const int32_t* p) { return {_mm256_loadu_si256((const __m256i*)p)}; }
    CALOTYPE_INLINE void store(int32_t* p) const { _mm256_storeu_si256((__m256i*)p, v); }
  };
  struct Left {
    __m256i sign, size;
  };
  using Result = int32_t;
  static constexpr int32_t kZero = 0;  // the byte of the left operand that stands for 0 counts so much here

  CALOTYPE_INLINE static __m256i load(const uint32_t* words) { return _mm256_loadu_si256((const __m256i*)words); }
  CALOTYPE_INLINE static Left all(const uint32_t* word) {
    int x;
    std::memcpy(&x, word, sizeof x);
    const __m256i distance = _mm256_set1_epi32(x ^ int(0x80808080u));
    return {distance, _mm256_abs_epi8(distance)};
  }
  CALOTYPE_INLINE static Sum add(Sum sum, Left a, __m256i b) {
    const __m256i pairs = _mm256_maddubs_epi16(a.size, _mm256_sign_epi8(b, a.sign));
    return {_mm256_add_epi32(sum.v, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))};
  }
};

}  // namespace calotype::networks::cpu::CALOTYPE_SET
