// Sixteen floats. Part of each_instruction_set.h.

namespace calotype::networks::cpu::CALOTYPE_SET {

struct Vector {
  static constexpr int kLanes = 16;
  static constexpr bool kMasks = true;  // has load_some() and store_some()
  __m512 v;

  CALOTYPE_INLINE static Vector all(float x) { return {_mm512_set1_ps(x)}; }
  CALOTYPE_INLINE static Vector load(const float* p) { return {_mm512_loadu_ps(p)}; }
  CALOTYPE_INLINE static Vector load(const uint16_t* p) { return from_bfloat16(_mm256_loadu_si256((const __m256i*)p)); }
  CALOTYPE_INLINE static Vector load(const int32_t* p) { return {_mm512_cvtepi32_ps(_mm512_loadu_si512(p))}; }
  CALOTYPE_INLINE void store(float* p) const { _mm512_storeu_ps(p, v); }
  CALOTYPE_INLINE void store(uint16_t* p) const { _mm256_storeu_si256((__m256i*)p, to_bfloat16()); }

  /// To the nearest integers, which are in [0,255].
  CALOTYPE_INLINE void store_bytes(uint8_t* p) const {
    _mm_storeu_si128((__m128i*)p, _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(v)));
  }

  // the first `count` < kLanes; others are read as 0
  CALOTYPE_INLINE static Vector load_some(const float* p, int64_t count) {
    return {_mm512_maskz_loadu_ps(mask(count), p)};
  }
  CALOTYPE_INLINE static Vector load_some(const uint16_t* p, int64_t count) {
    return from_bfloat16(_mm256_maskz_loadu_epi16(mask(count), p));
  }
  CALOTYPE_INLINE void store_some(float* p, int64_t count) const { _mm512_mask_storeu_ps(p, mask(count), v); }
  CALOTYPE_INLINE void store_some(uint16_t* p, int64_t count) const {
    _mm256_mask_storeu_epi16(p, mask(count), to_bfloat16());
  }

  CALOTYPE_INLINE static Vector load_float16(const uint16_t* p) {
    return {_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i*)p))};
  }
  CALOTYPE_INLINE void store_float16(uint16_t* p) const { _mm256_storeu_si256((__m256i*)p, _mm512_cvtps_ph(v, 0)); }
  /// As store(), which takes what is below 2^-126 for 0, but exact.
  CALOTYPE_INLINE void store_exactly(uint16_t* p) const {
    const __m512i bits = _mm512_castps_si512(v),
                  odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    const __m512i nearest = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff)));
    const __m512i nan = _mm512_or_si512(bits, _mm512_set1_epi32(0x400000));
    const __m512i rounded = _mm512_mask_mov_epi32(nearest, _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q), nan);
    _mm256_storeu_si256((__m256i*)p, _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16)));
  }

  CALOTYPE_INLINE friend Vector operator+(Vector a, Vector b) { return {_mm512_add_ps(a.v, b.v)}; }
  CALOTYPE_INLINE friend Vector operator-(Vector a, Vector b) { return {_mm512_sub_ps(a.v, b.v)}; }
  CALOTYPE_INLINE friend Vector operator*(Vector a, Vector b) { return {_mm512_mul_ps(a.v, b.v)}; }
  CALOTYPE_INLINE friend Vector operator/(Vector a, Vector b) { return {_mm512_div_ps(a.v, b.v)}; }

  CALOTYPE_INLINE float first() const { return _mm512_cvtss_f32(v); }
  CALOTYPE_INLINE float sum() const { return _mm512_reduce_add_ps(v); }
  CALOTYPE_INLINE float largest() const { return _mm512_reduce_max_ps(v); }

 private:
  CALOTYPE_INLINE static __mmask16 mask(int64_t count) { return __mmask16((1u << count) - 1); }
  CALOTYPE_INLINE static Vector from_bfloat16(__m256i bits) {
    return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16))};
  }
  CALOTYPE_INLINE __m256i to_bfloat16() const { return (__m256i)_mm512_cvtneps_pbh(v); }
};

/// a * b + c
CALOTYPE_INLINE Vector fma(Vector a, Vector b, Vector c) {
  return {_mm512_fmadd_ps(a.v, b.v, c.v)};
}
CALOTYPE_INLINE Vector larger(Vector a, Vector b) {
  return {_mm512_max_ps(a.v, b.v)};
}
CALOTYPE_INLINE Vector smaller(Vector a, Vector b) {
  return {_mm512_min_ps(a.v, b.v)};
}
CALOTYPE_INLINE Vector magnitude(Vector a) {
  return {_mm512_abs_ps(a.v)};
}
/// 1 / a for |a| in [2^-126, 2^126], within 2 units of the last place where it is to be exact.
template <Accuracy accuracy>
CALOTYPE_INLINE Vector reciprocal(Vector a) {
  const __m512 guess = _mm512_rcp14_ps(a.v);  // within 2^-14
  if (accuracy == Accuracy::kBFloat16) return {guess};
  return {_mm512_fmadd_ps(guess, _mm512_fnmadd_ps(a.v, guess, _mm512_set1_ps(1)), guess)};
}
/// To the nearest integer.
CALOTYPE_INLINE Vector rounded(Vector a) {
  return {_mm512_roundscale_ps(a.v, 8)};
}
/// a * 2^n for integers n <= 127. What comes out below 2^-126 may also be 0 or a * 2^-126.
CALOTYPE_INLINE Vector times_power_of_two(Vector a, Vector n) {
  return {_mm512_scalef_ps(a.v, n.v)};
}

}  // namespace calotype::networks::cpu::CALOTYPE_SET
