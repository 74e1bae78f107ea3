// Several Vectors as one, operation by operation: a processor finds more to do at once in them than in long chains of
// operations that follow each other. Part of each_instruction_set.h.

namespace calotype::networks::cpu::CALOTYPE_SET {

struct Wide {
  static constexpr int kParts = Vector::kLanes == 16 ? 4 : 2, kLanes = kParts * Vector::kLanes;
  Vector part[kParts];

  /// The parts f(0), f(1), ...
  template <class F>
  CALOTYPE_INLINE static Wide of(F f) {
    Wide x;
#pragma GCC unroll 4
    for (int i = 0; i < kParts; ++i) x.part[i] = f(i);
    return x;
  }
  CALOTYPE_INLINE static Wide all(float x) {
    return of([x](int) { return Vector::all(x); });
  }
  template <class T>
  CALOTYPE_INLINE static Wide load(const T* p) {
    return of([p](int i) { return Vector::load(p + i * Vector::kLanes); });
  }
  template <class T>
  CALOTYPE_INLINE void store(T* p) const {
#pragma GCC unroll 4
    for (int i = 0; i < kParts; ++i) part[i].store(p + i * Vector::kLanes);
  }

  CALOTYPE_INLINE friend Wide operator+(const Wide& a, const Wide& b) {
    return of([&](int i) { return a.part[i] + b.part[i]; });
  }
  CALOTYPE_INLINE friend Wide operator-(const Wide& a, const Wide& b) {
    return of([&](int i) { return a.part[i] - b.part[i]; });
  }
  CALOTYPE_INLINE friend Wide operator*(const Wide& a, const Wide& b) {
    return of([&](int i) { return a.part[i] * b.part[i]; });
  }

  CALOTYPE_INLINE float largest() const {
    Vector all = part[0];
    for (int i = 1; i < kParts; ++i) all = larger(all, part[i]);
    return all.largest();
  }
  CALOTYPE_INLINE float sum() const {
    Vector all = part[0];
    for (int i = 1; i < kParts; ++i) all = all + part[i];
    return all.sum();
  }
};

CALOTYPE_INLINE Wide fma(const Wide& a, const Wide& b, const Wide& c) {
  return Wide::of([&](int i) { return fma(a.part[i], b.part[i], c.part[i]); });
}
CALOTYPE_INLINE Wide larger(const Wide& a, const Wide& b) {
  return Wide::of([&](int i) { return larger(a.part[i], b.part[i]); });
}
CALOTYPE_INLINE Wide smaller(const Wide& a, const Wide& b) {
  return Wide::of([&](int i) { return smaller(a.part[i], b.part[i]); });
}
CALOTYPE_INLINE Wide magnitude(const Wide& a) {
  return Wide::of([&](int i) { return magnitude(a.part[i]); });
}
template <Accuracy accuracy>
CALOTYPE_INLINE Wide reciprocal(const Wide& a) {
  return Wide::of([&](int i) { return reciprocal<accuracy>(a.part[i]); });
}
CALOTYPE_INLINE Wide rounded(const Wide& a) {
  return Wide::of([&](int i) { return rounded(a.part[i]); });
}
CALOTYPE_INLINE Wide times_power_of_two(const Wide& a, const Wide& n) {
  return Wide::of([&](int i) { return times_power_of_two(a.part[i], n.part[i]); });
}

}  // namespace calotype::networks::cpu::CALOTYPE_SET
