// Exponentials of a Vector. Part of each_instruction_set.h. The coefficients are minimax for the relative error (Remez).
// What is no number stays none.

namespace calotype::sdxl::cpu::CALOTYPE_SET {

/// c[0] + c[1] x + c[2] x^2 + ...
template <int count>
CALOTYPE_INLINE Vector polynomial(const float (&c)[count], Vector x) {
  Vector sum = Vector::all(c[count - 1]);
#pragma GCC unroll 16
  for (int i = count - 2; i >= 0; --i) sum = fma(sum, x, Vector::all(c[i]));
  return sum;
}

/// 2^x for x <= 127, within 1e-4 of it (kRough) or within 2 units of the last place; never less than 2^-126.
enum class Accuracy { kRough, kFull };
template <Accuracy accuracy>
CALOTYPE_INLINE Vector power_of_two(Vector x) {
  constexpr float kRough[] = {1.0f, 0.693282927f, 0.2422109595f, 0.05500893179f};
  constexpr float kFull[] = {1.0f,           0.6931472029f,  0.2402264791f,  0.05550332471f,
                             0.009618437358f, 0.001339887438f, 0.0001535336179f};
  x = larger(Vector::all(-126), x);
  const Vector n = rounded(x), r = x - n;
  if constexpr (accuracy == Accuracy::kRough) return times_power_of_two(polynomial(kRough, r), n);
  return times_power_of_two(polynomial(kFull, r), n);
}

/// e^x within 2 units of the last place; below -87 and above 88 that of -87 and 88.
CALOTYPE_INLINE Vector exponential(Vector x) {
  // e^r = 1 + r + r^2 q(r) for |r| <= ln(2)/2
  constexpr float kQ[] = {0.4999999341f, 0.1666652011f, 0.04166839421f, 0.008368780411f, 0.001381446706f};
  constexpr float kLog2High = 0.693145751953125f, kLog2Low = 1.428606765330187e-06f;  // the first has 15 bits: n * it is exact
  x = smaller(Vector::all(88), larger(Vector::all(-87), x));
  const Vector n = rounded(x * Vector::all(1.44269504f));
  const Vector r = fma(n, Vector::all(-kLog2Low), fma(n, Vector::all(-kLog2High), x));
  const Vector above_one = fma(r * r, polynomial(kQ, r), r);
  return times_power_of_two(Vector::all(1) + above_one, n);
}

}  // namespace calotype::sdxl::cpu::CALOTYPE_SET
