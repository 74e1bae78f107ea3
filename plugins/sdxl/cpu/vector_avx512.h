// Sixteen floats. Part of each_instruction_set.h.

namespace calotype::sdxl::cpu::CALOTYPE_SET {

struct Vector {
  static constexpr int kLanes = 16;
  __m512 v;

  CALOTYPE_INLINE static Vector all(float x) { return {_mm512_set1_ps(x)}; }
  CALOTYPE_INLINE static Vector load(const float* p) { return {_mm512_loadu_ps(p)}; }
  CALOTYPE_INLINE static Vector load(const uint16_t* p) { return widened(_mm256_loadu_si256((const __m256i*)p)); }
  CALOTYPE_INLINE void store(float* p) const { _mm512_storeu_ps(p, v); }
  CALOTYPE_INLINE void store(uint16_t* p) const { _mm256_storeu_si256((__m256i*)p, narrowed()); }

  // the first `count` < kLanes; others are read as 0
  CALOTYPE_INLINE static Vector load_some(const float* p, int64_t count) {
    return {_mm512_maskz_loadu_ps(mask(count), p)};
  }
  CALOTYPE_INLINE static Vector load_some(const uint16_t* p, int64_t count) {
    return widened(_mm256_maskz_loadu_epi16(mask(count), p));
  }
  CALOTYPE_INLINE void store_some(float* p, int64_t count) const { _mm512_mask_storeu_ps(p, mask(count), v); }
  CALOTYPE_INLINE void store_some(uint16_t* p, int64_t count) const {
    _mm256_mask_storeu_epi16(p, mask(count), narrowed());
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
  CALOTYPE_INLINE static Vector widened(__m256i bits) {
    return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16))};
  }
  CALOTYPE_INLINE __m256i narrowed() const { return (__m256i)_mm512_cvtneps_pbh(v); }
};

/// a * b + c
CALOTYPE_INLINE Vector fma(Vector a, Vector b, Vector c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
CALOTYPE_INLINE Vector larger(Vector a, Vector b) { return {_mm512_max_ps(a.v, b.v)}; }
CALOTYPE_INLINE Vector smaller(Vector a, Vector b) { return {_mm512_min_ps(a.v, b.v)}; }
CALOTYPE_INLINE Vector magnitude(Vector a) { return {_mm512_abs_ps(a.v)}; }
/// To the nearest integer, for |a| < 2^22.
CALOTYPE_INLINE Vector rounded(Vector a) { return {_mm512_roundscale_ps(a.v, 8)}; }
/// a * 2^n for integers n in [-126, 127]
CALOTYPE_INLINE Vector times_power_of_two(Vector a, Vector n) { return {_mm512_scalef_ps(a.v, n.v)}; }

}  // namespace calotype::sdxl::cpu::CALOTYPE_SET
