// The words of matrix products of bfloat16 numbers, by VDPBF16PS. Part of each_instruction_set.h.

namespace calotype::networks::cpu::CALOTYPE_SET {

/// A word is a pair of bfloat16: exact products, summed in float32.
template <>
struct Dot<uint16_t> {
  using Number = uint16_t;
  using Sum = Vector;
  using Result = float;
  static constexpr int kNumbers = 2;  // in a word

  CALOTYPE_INLINE static __m512i load(const uint32_t* words) { return _mm512_loadu_si512(words); }
  CALOTYPE_INLINE static __m512i all(const uint32_t* word) {
    int x;
    std::memcpy(&x, word, sizeof x);
    return _mm512_set1_epi32(x);
  }
  CALOTYPE_INLINE static Sum add(Sum sum, __m512i a, __m512i b) {
    return {_mm512_dpbf16_ps(sum.v, (__m512bh)a, (__m512bh)b)};
  }

  /// The words of `count` numbers (a multiple of 16) that follow each other.
  CALOTYPE_INLINE static void copy(const uint16_t* numbers, int64_t count, uint32_t* words) {
    std::memcpy(words, numbers, size_t(count) * sizeof *numbers);
  }
  /// The same for numbers that are to be rounded to bfloat16, none of them below 2^-126: 16 words of two vectors.
  CALOTYPE_INLINE static void round(Vector low, Vector high, uint32_t* words) {
    _mm512_storeu_si512(words, (__m512i)_mm512_cvtne2ps_pbh(high.v, low.v));
  }
  /// kLanes words, each with the numbers of one column in two rows.
  CALOTYPE_INLINE static void interleave(const uint16_t* row, const uint16_t* next, uint32_t* words) {
    const __m512i low = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)row));
    const __m512i high = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)next));
    _mm512_storeu_si512(words, _mm512_or_si512(low, _mm512_slli_epi32(high, 16)));
  }
};

}  // namespace calotype::networks::cpu::CALOTYPE_SET
