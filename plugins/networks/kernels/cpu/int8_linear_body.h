// Linear layers in int8. Part of each_instruction_set.h.
#include "networks/kernels/cpu/panels_body.h"

namespace calotype::networks::cpu::CALOTYPE_SET {

template <class T>
void quantize_rows(const T* x, int64_t x_stride, int64_t numbers, uint8_t* bytes, float* scales, int64_t begin,
                   int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    const T* from = x + row * x_stride;
    uint8_t* to = bytes + row * int8_row_bytes(numbers);
    Wide largest = Wide::all(0);
    for (int64_t i = 0; i < numbers; i += Wide::kLanes)
      largest = larger(largest, magnitude(load_up_to<Wide>(numbers - i, from + i)));
    const float maximum = largest.largest();
    scales[row] = maximum / 127;
    const Vector factor = Vector::all(maximum > 0 ? 127 / maximum : 0), zero = Vector::all(128);
    for (int64_t i = 0; i < int8_row_bytes(numbers); i += Vector::kLanes)
      fma(load_up_to<Vector>(numbers - i, from + i), factor, zero).store_bytes(to + i);
  }
}

/// A panel ends with what its sums start at, [columns] int32, which takes the zeros of the left operand off.
inline Panels int8_panels(const LinearShape& shape) {
  return {shape, int8_row_bytes(shape.inputs) / 4, 1};
}

inline int64_t int8_packed_words(const LinearShape& shape) {
  return int8_panels(shape).words();
}

/// The sum of byte - 128, of a multiple of 64 bytes.
inline int32_t sum_of(const uint8_t* bytes, int64_t count) {
  int32_t sum = 0;
  for (int64_t block = 0; block < count; block += 64)
    for (int64_t i = 0; i < 64; ++i) sum += bytes[block + i];
  return sum - 128 * int32_t(count);
}

inline void int8_pack(const LinearShape& shape, const uint8_t* bytes, uint32_t* packed, int64_t begin, int64_t end) {
  const Panels all = int8_panels(shape);
  const int64_t stride = int8_row_bytes(shape.inputs);
  for (int64_t panel = begin; panel < end; ++panel)
    for (int64_t half = 0; half < all.halves; ++half) {
      pack_panel(all, panel, half, packed + all.begin(panel, half), [&](int64_t row, int64_t step, uint32_t* words) {
        std::memcpy(words, bytes + row * stride + 4 * step, 64);
        for (int i = 0; i < 16; ++i) words[i] ^= 0x80808080;
      });
      uint32_t* start = packed + all.begin(panel, half) + all.steps * all.columns(panel);
      for (int64_t column = 0; column < all.columns(panel); ++column) {
        const int64_t row = all.row(panel, half, column);
        const int32_t sum = row < 0 ? 0 : sum_of(bytes + row * stride, stride);
        start[column] = uint32_t(-ByteDot::kZero * sum);
      }
    }
}

/// to[r][i] = sums[r][i] * row_scales[r] * scales[i] for i < count.
inline void scale(const int32_t (&sums)[kTileRows][kPanel], const float* row_scales, const float* scales, int64_t count,
                  float (&to)[kTileRows][kPanel]) {
  for (int64_t i = 0; i < count; i += Vector::kLanes) {
    const Vector scale = load_up_to<Vector>(count - i, scales + i);
    for (int64_t r = 0; r < kTileRows; ++r)
      (Vector::load(sums[r] + i) * (Vector::all(row_scales[r]) * scale)).store(to[r] + i);
  }
}

template <class T>
void int8_linear(const LinearShape& shape, const Int8Rows& x, const Int8Weights& weights, const LinearOutput<T>& output,
                 int64_t begin, int64_t end) {
  const Panels all = int8_panels(shape);
  alignas(64) int32_t sums[kTileRows][kPanel];
  PanelTile tile;
  for (int64_t panel = begin; panel < end; ++panel)
    for (int64_t row = 0; row < output.rows; row += kTileRows) {
      TileRows rows;
      float row_scales[kTileRows];
      for (int64_t r = 0; r < kTileRows; ++r) {  // after the last row comes the last again
        const int64_t from = std::min(row + r, output.rows - 1);
        rows[r] = (const uint32_t*)(x.bytes + from * int8_row_bytes(shape.inputs));
        row_scales[r] = x.scales[from];
      }
      const int64_t columns = all.columns(panel), first = panel * kPanel;
      for (int64_t half = 0; half < all.halves; ++half) {
        const uint32_t* words = weights.packed + all.begin(panel, half);
        const auto* start = (const int32_t*)(words + all.steps * columns);
        multiply<ByteDot>(rows, words, columns, all.steps, start, 0, sums[0], kPanel);
        scale(sums, row_scales, weights.scales + half * shape.outputs + first,
              std::min<int64_t>(kPanel, shape.outputs - first), tile.sums[half]);
      }
      write(shape, output, tile, row, first);
    }
}

}  // namespace calotype::networks::cpu::CALOTYPE_SET
