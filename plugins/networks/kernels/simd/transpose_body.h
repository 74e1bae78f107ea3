// Part of each_instruction_set.h.

namespace calotype::networks::cpu::CALOTYPE_SET {

/// The side of the squares that many words are best transposed in.
constexpr int kSquare = Vector::kLanes == 16 ? 16 : 4;

/// to[j][i] = from[i][j] for a square of `side` words.
template <int side>
CALOTYPE_INLINE void transpose(const uint32_t* from, int64_t stride, uint32_t* to, int64_t to_stride);

template <>
CALOTYPE_INLINE void transpose<4>(const uint32_t* from, int64_t stride, uint32_t* to, int64_t to_stride) {
  using Words = uint32_t __attribute__((vector_size(16)));
  Words a[4];
  for (int i = 0; i < 4; ++i) std::memcpy(&a[i], from + i * stride, sizeof a[i]);
  const Words low02 = __builtin_shufflevector(a[0], a[2], 0, 4, 1, 5),
              high02 = __builtin_shufflevector(a[0], a[2], 2, 6, 3, 7);
  const Words low13 = __builtin_shufflevector(a[1], a[3], 0, 4, 1, 5),
              high13 = __builtin_shufflevector(a[1], a[3], 2, 6, 3, 7);
  a[0] = __builtin_shufflevector(low02, low13, 0, 4, 1, 5);
  a[1] = __builtin_shufflevector(low02, low13, 2, 6, 3, 7);
  a[2] = __builtin_shufflevector(high02, high13, 0, 4, 1, 5);
  a[3] = __builtin_shufflevector(high02, high13, 2, 6, 3, 7);
  for (int i = 0; i < 4; ++i) std::memcpy(to + i * to_stride, &a[i], sizeof a[i]);
}

}  // namespace calotype::networks::cpu::CALOTYPE_SET
