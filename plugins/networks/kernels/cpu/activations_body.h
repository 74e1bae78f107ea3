// Activation functions; V is Vector or Wide. Part of each_instruction_set.h.
#include "networks/kernels/simd/exponential_body.h"

namespace calotype::networks::cpu::CALOTYPE_SET {

/// x * sigmoid(x)
template <Accuracy accuracy, class V>
CALOTYPE_INLINE V silu(const V& x) {
  V power;  // e^-x
  if constexpr (accuracy == Accuracy::kBFloat16)
    power = power_of_two<accuracy>(smaller(V::all(125), x * V::all(-kLog2OfE)));
  else
    power = exponential(V::all(0) - x);
  return x * reciprocal<accuracy>(V::all(1) + power);
}

/// x * (1 + erf(x / sqrt(2))) / 2. The exact one is within 2e-7 * max(1, |x|), and for x > -5 within 2e-6 of the
/// result.
template <Accuracy accuracy, class V>
CALOTYPE_INLINE V gelu(const V& x) {
  // erfc(|x| / sqrt(2)) / 2 = exp(-x^2 / 2) t p(t), t = 1 / (1 + 0.3 |x|); p is minimax for the relative error (Remez)
  constexpr float kRough[] = {0.1203277238f,   0.1112104928f, 0.1537510135f,
                              -0.03403758556f, 0.230586082f,  -0.08183724871f};
  constexpr float kExact[] = {0.1196232629f,   0.1208455265f, 0.09934715115f, 0.1304163523f,
                              -0.05716715081f, 0.2101181363f, -0.1593781484f, 0.03619481389f};
  const V size = magnitude(x), t = reciprocal<accuracy>(fma(V::all(0.3f), size, V::all(1)));
  V tail;
  if constexpr (accuracy == Accuracy::kBFloat16)
    tail = polynomial(kRough, t) * power_of_two<accuracy>(larger(V::all(-150), x * x * V::all(-0.5f * kLog2OfE)));
  else
    tail = polynomial(kExact, t) * exponential(V::all(-0.5f) * x * x);
  return larger(V::all(0), x) - size * t * tail;
}

}  // namespace calotype::networks::cpu::CALOTYPE_SET
