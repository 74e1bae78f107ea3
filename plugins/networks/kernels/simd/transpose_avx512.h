// Part of each_instruction_set.h.

namespace calotype::networks::cpu::CALOTYPE_SET {

/// First pairs of rows and pairs of those, within quarters of a register, then the quarters.
template <>
CALOTYPE_INLINE void transpose<16>(const uint32_t* from, int64_t stride, uint32_t* to, int64_t to_stride) {
  __m512i a[16], b[16];
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) a[i] = _mm512_loadu_si512(from + i * stride);
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {
    b[i] = _mm512_unpacklo_epi32(a[i], a[i + 1]);
    b[i + 1] = _mm512_unpackhi_epi32(a[i], a[i + 1]);
  }
  // a[4 g + n]: in its quarter q, column 4 q + n of the rows 4 g to 4 g + 3
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    a[i] = _mm512_unpacklo_epi64(b[i], b[i + 2]);
    a[i + 1] = _mm512_unpackhi_epi64(b[i], b[i + 2]);
    a[i + 2] = _mm512_unpacklo_epi64(b[i + 1], b[i + 3]);
    a[i + 3] = _mm512_unpackhi_epi64(b[i + 1], b[i + 3]);
  }
#pragma GCC unroll 4
  for (int n = 0; n < 4; ++n) {
    const __m512i even_low = _mm512_shuffle_i32x4(a[n], a[4 + n], 0x88),
                  odd_low = _mm512_shuffle_i32x4(a[n], a[4 + n], 0xdd);
    const __m512i even_high = _mm512_shuffle_i32x4(a[8 + n], a[12 + n], 0x88),
                  odd_high = _mm512_shuffle_i32x4(a[8 + n], a[12 + n], 0xdd);
    _mm512_storeu_si512(to + n * to_stride, _mm512_shuffle_i32x4(even_low, even_high, 0x88));
    _mm512_storeu_si512(to + (4 + n) * to_stride, _mm512_shuffle_i32x4(odd_low, odd_high, 0x88));
    _mm512_storeu_si512(to + (8 + n) * to_stride, _mm512_shuffle_i32x4(even_low, even_high, 0xdd));
    _mm512_storeu_si512(to + (12 + n) * to_stride, _mm512_shuffle_i32x4(odd_low, odd_high, 0xdd));
  }
}

}  // namespace calotype::networks::cpu::CALOTYPE_SET
