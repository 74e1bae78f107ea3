// Eight floats. Part of each_instruction_set.h.

namespace calotype::networks::cpu::CALOTYPE_SET {

struct Vector {
  static constexpr int kLanes = 8;
  static constexpr bool kMasks = false;
  __m256 v;

  CALOTYPE_INLINE static Vector all(float x) { return {_mm256_set1_ps(x)}; }
  CALOTYPE_INLINE static Vector load(const float* p) { return {_mm256_loadu_ps(p)}; }
  CALOTYPE_INLINE static Vector load(const uint16_t* p) {
    const __m256i bits = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i*)p));
    return {_mm256_castsi256_ps(_mm256_slli_epi32(bits, 16))};
  }
  CALOTYPE_INLINE static Vector load(const int32_t* p) {
    return {_mm256_cvtepi32_ps(_mm256_loadu_si256((const __m256i*)p))};
  }
  CALOTYPE_INLINE void store(float* p) const { _mm256_storeu_ps(p, v); }
  CALOTYPE_INLINE void store(uint16_t* p) const { _mm_storeu_si128((__m128i*)p, to_bfloat16()); }

  /// To the nearest integers, which are in [0,255].
  CALOTYPE_INLINE void store_bytes(uint8_t* p) const {
    const __m256i integers = _mm256_cvtps_epi32(v);
    const __m128i halves = _mm_packus_epi32(_mm256_castsi256_si128(integers), _mm256_extracti128_si256(integers, 1));
    _mm_storel_epi64((__m128i*)p, _mm_packus_epi16(halves, halves));
  }

  CALOTYPE_INLINE static Vector load_float16(const uint16_t* p) {
    return {_mm256_cvtph_ps(_mm_loadu_si128((const __m128i*)p))};
  }
  CALOTYPE_INLINE void store_float16(uint16_t* p) const { _mm_storeu_si128((__m128i*)p, _mm256_cvtps_ph(v, 0)); }
  CALOTYPE_INLINE void store_exactly(uint16_t* p) const { store(p); }

  CALOTYPE_INLINE friend Vector operator+(Vector a, Vector b) { return {_mm256_add_ps(a.v, b.v)}; }
  CALOTYPE_INLINE friend Vector operator-(Vector a, Vector b) { return {_mm256_sub_ps(a.v, b.v)}; }
  CALOTYPE_INLINE friend Vector operator*(Vector a, Vector b) { return {_mm256_mul_ps(a.v, b.v)}; }
  CALOTYPE_INLINE friend Vector operator/(Vector a, Vector b) { return {_mm256_div_ps(a.v, b.v)}; }

  CALOTYPE_INLINE float first() const { return _mm256_cvtss_f32(v); }
  CALOTYPE_INLINE float sum() const {
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
  }
  CALOTYPE_INLINE float largest() const {
    __m128 half = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    half = _mm_max_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_max_ss(half, _mm_movehdup_ps(half)));
  }

 private:
  /// To bfloat16, the nearest, ties to even; what is no number stays none.
  CALOTYPE_INLINE __m128i to_bfloat16() const {
    const __m256i bits = _mm256_castps_si256(v);
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    const __m256i nearest = _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff)));
    const __m256i nan = _mm256_or_si256(bits, _mm256_set1_epi32(0x400000));
    const __m256i is_nan = _mm256_castps_si256(_mm256_cmp_ps(v, v, _CMP_UNORD_Q));
    const __m256i high = _mm256_srli_epi32(_mm256_blendv_epi8(nearest, nan, is_nan), 16);
    return _mm_packus_epi32(_mm256_castsi256_si128(high), _mm256_extracti128_si256(high, 1));
  }
};

/// a * b + c
CALOTYPE_INLINE Vector fma(Vector a, Vector b, Vector c) {
  return {_mm256_fmadd_ps(a.v, b.v, c.v)};
}
CALOTYPE_INLINE Vector larger(Vector a, Vector b) {
  return {_mm256_max_ps(a.v, b.v)};
}
CALOTYPE_INLINE Vector smaller(Vector a, Vector b) {
  return {_mm256_min_ps(a.v, b.v)};
}
CALOTYPE_INLINE Vector magnitude(Vector a) {
  return {_mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v)};
}
/// 1 / a for |a| in [2^-126, 2^126], within 2 units of the last place where it is to be exact.
template <Accuracy accuracy>
CALOTYPE_INLINE Vector reciprocal(Vector a) {
  if (accuracy == Accuracy::kFloat) return Vector::all(1) / a;
  const __m256 guess = _mm256_rcp_ps(a.v);  // within 1.5 * 2^-12
  return {_mm256_fmadd_ps(guess, _mm256_fnmadd_ps(a.v, guess, _mm256_set1_ps(1)), guess)};
}
/// To the nearest integer.
CALOTYPE_INLINE Vector rounded(Vector a) {
  return {_mm256_round_ps(a.v, 8)};
}
/// a * 2^n for integers n <= 127. What comes out below 2^-126 may also be 0 or a * 2^-126.
CALOTYPE_INLINE Vector times_power_of_two(Vector a, Vector n) {
  const __m256i power = _mm256_cvtps_epi32(_mm256_max_ps(_mm256_set1_ps(-126), n.v));
  return {
      _mm256_mul_ps(a.v, _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(power, _mm256_set1_epi32(127)), 23)))};
}

}  // namespace calotype::networks::cpu::CALOTYPE_SET
