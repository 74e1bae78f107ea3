// Numbers in memory, in each of their formats. Part of each_instruction_set.h.

namespace calotype::networks::cpu::CALOTYPE_SET {

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

}  // namespace calotype::networks::cpu::CALOTYPE_SET
