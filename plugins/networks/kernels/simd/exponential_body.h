// Exponentials; V is Vector or Wide. Part of each_instruction_set.h. The coefficients are minimax for the relative
// error (Remez). What is no number stays none.

namespace calotype::networks::cpu::CALOTYPE_SET {

constexpr float kLog2OfE = 1.44269504f;

/// c[0] + c[1] x + c[2] x^2 + ...
template <class V, int count>
CALOTYPE_INLINE V polynomial(const float (&c)[count], const V& x) {
  V sum = V::all(c[count - 1]);
#pragma GCC unroll 16
  for (int i = count - 2; i >= 0; --i) sum = fma(sum, x, V::all(c[i]));
  return sum;
}

/// 2^x for finite x < 127.5. The exact one is within 2 units of the last place; below 2^-126 either may be 0 or 2^-126.
template <Accuracy accuracy, class V>
CALOTYPE_INLINE V power_of_two(const V& x) {
  constexpr float kRough[] = {1.0f, 0.6931053341f, 0.2402216778f, 0.05600578838f, 0.009676037117f};
  constexpr float kExact[] = {
      1.0f, 0.6931472029f, 0.2402264791f, 0.05550332471f, 0.009618437358f, 0.001339887438f, 0.0001535336179f};
  const V n = rounded(x), r = x - n;
  if constexpr (accuracy == Accuracy::kBFloat16)
    return times_power_of_two(polynomial(kRough, r), n);
  else
    return times_power_of_two(polynomial(kExact, r), n);
}

/// e^x for finite x; below -87 and above 87 that of -87 and 87. Within 2 units of the last place.
template <class V>
CALOTYPE_INLINE V exponential(V x) {
  // e^r = 1 + r + r^2 q(r) for |r| <= ln(2)/2; the high part of ln(2) has 15 bits, which makes n times it exact
  constexpr float kQ[] = {0.4999999341f, 0.1666652011f, 0.04166839421f, 0.008368780411f, 0.001381446706f};
  constexpr float kHigh = 0.693145751953125f, kLow = 1.428606765330187e-06f;
  x = smaller(V::all(87), larger(V::all(-87), x));
  const V n = rounded(x * V::all(kLog2OfE)), r = fma(n, V::all(-kLow), fma(n, V::all(-kHigh), x));
  return times_power_of_two(V::all(1) + fma(r * r, polynomial(kQ, r), r), n);
}

}  // namespace calotype::networks::cpu::CALOTYPE_SET
