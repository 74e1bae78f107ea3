// Conversions between formats of numbers, by way of float32. Part of each_instruction_set.h.
#include "networks/kernels/simd/numbers_body.h"

namespace calotype::networks::cpu::CALOTYPE_SET {

template <NumberFormat from, NumberFormat to>
void convert(const void* x, void* y, int64_t count) {
  using From = Numbers<from>;
  using To = Numbers<to>;
  const auto* source = static_cast<const typename From::Bits*>(x);
  auto* target = static_cast<typename To::Bits*>(y);
  constexpr bool kNormal = from == NumberFormat::kFloat16;
  const int64_t whole = count / Vector::kLanes * Vector::kLanes;
  for (int64_t i = 0; i < whole; i += Vector::kLanes) To::store(From::load(source + i), target + i, kNormal);
  typename From::Bits last[Vector::kLanes] = {};
  typename To::Bits converted[Vector::kLanes];
  std::copy(source + whole, source + count, last);
  To::store(From::load(last), converted, kNormal);
  std::copy_n(converted, count - whole, target + whole);
}

}  // namespace calotype::networks::cpu::CALOTYPE_SET
