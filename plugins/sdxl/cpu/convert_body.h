// Conversions between formats of numbers, by way of float32. Part of each_instruction_set.h.

namespace calotype::sdxl::cpu::CALOTYPE_SET {

/// Numbers in memory; `Bits` are as wide as they.
template <NumberFormat format>
struct Numbers {
  using Bits = uint16_t;
  CALOTYPE_INLINE static Vector load(const Bits* p) {
    return format == NumberFormat::kFloat16 ? Vector::load_float16(p) : Vector::load(p);
  }
  /// `normal`: no number is too small to be normal in float32.
  CALOTYPE_INLINE static void store(Vector x, Bits* p, bool normal) {
    if (format == NumberFormat::kFloat16) return x.store_float16(p);
    normal ? x.store(p) : x.store_exactly(p);
  }
};
template <>
struct Numbers<NumberFormat::kFloat32> {
  using Bits = float;
  CALOTYPE_INLINE static Vector load(const Bits* p) { return Vector::load(p); }
  CALOTYPE_INLINE static void store(Vector x, Bits* p, bool) { x.store(p); }
};

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

}  // namespace calotype::sdxl::cpu::CALOTYPE_SET
