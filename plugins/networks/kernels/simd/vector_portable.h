// Four floats, by the compiler's own vectors: SSE2, NEON or whatever is there. Part of each_instruction_set.h.

namespace calotype::networks::cpu::CALOTYPE_SET {

struct Vector {
  static constexpr int kLanes = 4;
  static constexpr bool kMasks = false;
  using Floats = float __attribute__((vector_size(16)));
  using Integers = int32_t __attribute__((vector_size(16)));
  using Words = uint32_t __attribute__((vector_size(16)));
  using Halves = uint16_t __attribute__((vector_size(8)));
  Floats v;

  CALOTYPE_INLINE static Vector all(float x) { return {Floats{x, x, x, x}}; }
  CALOTYPE_INLINE static Vector load(const float* p) {
    Vector a;
    std::memcpy(&a.v, p, sizeof a.v);
    return a;
  }
  CALOTYPE_INLINE static Vector load(const uint16_t* p) { return {(Floats)(load_halves(p) << 16)}; }
  CALOTYPE_INLINE static Vector load(const int32_t* p) {
    Integers integers;
    std::memcpy(&integers, p, sizeof integers);
    return {__builtin_convertvector(integers, Floats)};
  }
  CALOTYPE_INLINE void store(float* p) const { std::memcpy(p, &v, sizeof v); }
  /// To bfloat16, the nearest, ties to even; what is no number stays none.
  CALOTYPE_INLINE void store(uint16_t* p) const {
    const Words bits = (Words)v, nearest = bits + 0x7fff + (bits >> 16 & 1);
    store_halves(v == v ? nearest >> 16 : bits >> 16 | 0x40, p);
  }
  CALOTYPE_INLINE void store_exactly(uint16_t* p) const { store(p); }

  CALOTYPE_INLINE static Vector load_float16(const uint16_t* p) {
    const Words bits = load_halves(p);
    const Floats size = (Floats)((bits & 0x7fff) << 13) * 0x1p112f;  // exponents differ by 127 - 15
    const Words infinite = (Words)(size >= 0x1p16f) & 0x7f800000;    // or no number
    return {(Floats)((Words)size | infinite | (bits & 0x8000) << 16)};
  }
  CALOTYPE_INLINE void store_float16(uint16_t* p) const {
    const Words bits = (Words)v, size = bits & 0x7fffffff;
    const Floats magnitude = (Floats)size;
    const Words normal = (size - 0x38000000 + 0xfff + (size >> 13 & 1)) >> 13;
    // below 2^-14: 0.5 has the unit in the last place, 2^-24, that the result is counted in
    const Words small = (Words)(magnitude + 0.5f) - 0x3f000000, infinite = size * 0 + 0x7c00;
    const Words half = magnitude < 0x1p-14f ? small : magnitude >= 65520.0f ? infinite : normal;
    store_halves((v == v ? half : (size >> 13 & 0x3ff) | 0x7e00) | (bits >> 16 & 0x8000), p);
  }
  /// To the nearest integers, which are in [0,255].
  CALOTYPE_INLINE void store_bytes(uint8_t* p) const {
    for (int i = 0; i < kLanes; ++i) p[i] = uint8_t(v[i] + 0.5f);
  }

  CALOTYPE_INLINE friend Vector operator+(Vector a, Vector b) { return {a.v + b.v}; }
  CALOTYPE_INLINE friend Vector operator-(Vector a, Vector b) { return {a.v - b.v}; }
  CALOTYPE_INLINE friend Vector operator*(Vector a, Vector b) { return {a.v * b.v}; }
  CALOTYPE_INLINE friend Vector operator/(Vector a, Vector b) { return {a.v / b.v}; }

  CALOTYPE_INLINE float first() const { return v[0]; }
  CALOTYPE_INLINE float sum() const { return (v[0] + v[2]) + (v[1] + v[3]); }
  CALOTYPE_INLINE float largest() const { return std::max(std::max(v[0], v[1]), std::max(v[2], v[3])); }

 private:
  CALOTYPE_INLINE static Words load_halves(const uint16_t* p) {
    Halves halves;
    std::memcpy(&halves, p, sizeof halves);
    return __builtin_convertvector(halves, Words);
  }
  CALOTYPE_INLINE static void store_halves(Words x, uint16_t* p) {
    const Halves halves = __builtin_convertvector(x, Halves);
    std::memcpy(p, &halves, sizeof halves);
  }
};

/// a * b + c
CALOTYPE_INLINE Vector fma(Vector a, Vector b, Vector c) {
  return {a.v * b.v + c.v};
}
CALOTYPE_INLINE Vector larger(Vector a, Vector b) {
  return {a.v > b.v ? a.v : b.v};
}
CALOTYPE_INLINE Vector smaller(Vector a, Vector b) {
  return {a.v < b.v ? a.v : b.v};
}
CALOTYPE_INLINE Vector magnitude(Vector a) {
  return {a.v < 0 ? -a.v : a.v};
}
/// 1 / a for |a| in [2^-126, 2^126], within 2 units of the last place where it is to be exact.
template <Accuracy>
CALOTYPE_INLINE Vector reciprocal(Vector a) {
  return Vector::all(1) / a;
}
/// To the nearest integer.
CALOTYPE_INLINE Vector rounded(Vector a) {
  const Vector shift = Vector::all(0x1.8p23f);
  const Vector near = a + shift - shift;
  return {magnitude(a).v < 0x1p22f ? near.v : a.v};
}
/// a * 2^n for integers n <= 127. What comes out below 2^-126 may also be 0 or a * 2^-126.
CALOTYPE_INLINE Vector times_power_of_two(Vector a, Vector n) {
  const auto power = __builtin_convertvector(larger(Vector::all(-126), n).v, Vector::Integers);
  return {a.v * (Vector::Floats)((power + 127) << 23)};
}

}  // namespace calotype::networks::cpu::CALOTYPE_SET
