// Four floats, by the compiler's own vectors: SSE2, NEON or whatever is there. Part of each_instruction_set.h.

namespace calotype::sdxl::cpu::CALOTYPE_SET {

struct Vector {
  static constexpr int kLanes = 4;
  using Floats = float __attribute__((vector_size(16)));
  using Integers = int32_t __attribute__((vector_size(16)));
  Floats v;

  CALOTYPE_INLINE static Vector all(float x) { return {Floats{x, x, x, x}}; }
  CALOTYPE_INLINE static Vector load(const float* p) {
    Vector a;
    std::memcpy(&a.v, p, sizeof a.v);
    return a;
  }
  CALOTYPE_INLINE static Vector load(const uint16_t* p) {
    Vector a;
    for (int i = 0; i < kLanes; ++i) a.v[i] = std::bit_cast<float>(uint32_t(p[i]) << 16);
    return a;
  }
  CALOTYPE_INLINE void store(float* p) const { std::memcpy(p, &v, sizeof v); }
  CALOTYPE_INLINE void store(uint16_t* p) const {
    for (int i = 0; i < kLanes; ++i) p[i] = narrowed(v[i]);
  }

  // the first `count` < kLanes; others are read as 0
  template <class T>
  CALOTYPE_INLINE static Vector load_some(const T* p, int64_t count) {
    T all[kLanes] = {};
    for (int64_t i = 0; i < count; ++i) all[i] = p[i];
    return load(all);
  }
  template <class T>
  CALOTYPE_INLINE void store_some(T* p, int64_t count) const {
    T all[kLanes];
    store(all);
    for (int64_t i = 0; i < count; ++i) p[i] = all[i];
  }

  CALOTYPE_INLINE friend Vector operator+(Vector a, Vector b) { return {a.v + b.v}; }
  CALOTYPE_INLINE friend Vector operator-(Vector a, Vector b) { return {a.v - b.v}; }
  CALOTYPE_INLINE friend Vector operator*(Vector a, Vector b) { return {a.v * b.v}; }
  CALOTYPE_INLINE friend Vector operator/(Vector a, Vector b) { return {a.v / b.v}; }

  CALOTYPE_INLINE float first() const { return v[0]; }
  CALOTYPE_INLINE float sum() const { return (v[0] + v[2]) + (v[1] + v[3]); }
  CALOTYPE_INLINE float largest() const { return std::max(std::max(v[0], v[1]), std::max(v[2], v[3])); }

 private:
  /// To bfloat16, the nearest, ties to even; what is no number stays none.
  CALOTYPE_INLINE static uint16_t narrowed(float x) {
    const auto bits = std::bit_cast<uint32_t>(x);
    if (x != x) return uint16_t(bits >> 16 | 0x40);
    return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
  }
};

/// a * b + c
CALOTYPE_INLINE Vector fma(Vector a, Vector b, Vector c) { return {a.v * b.v + c.v}; }
CALOTYPE_INLINE Vector larger(Vector a, Vector b) { return {a.v > b.v ? a.v : b.v}; }
CALOTYPE_INLINE Vector smaller(Vector a, Vector b) { return {a.v < b.v ? a.v : b.v}; }
CALOTYPE_INLINE Vector magnitude(Vector a) { return {a.v < 0 ? -a.v : a.v}; }
/// To the nearest integer, for |a| < 2^22.
CALOTYPE_INLINE Vector rounded(Vector a) {
  const auto shift = Vector::all(0x1.8p23f);
  return a + shift - shift;
}
/// a * 2^n for integers n in [-126, 127]
CALOTYPE_INLINE Vector times_power_of_two(Vector a, Vector n) {
  const auto exponent = (__builtin_convertvector(n.v, Vector::Integers) + 127) << 23;
  return {a.v * (Vector::Floats)exponent};
}

}  // namespace calotype::sdxl::cpu::CALOTYPE_SET
