// Linear layers of floating-point numbers. Part of each_instruction_set.h.
#include "panels_body.h"

namespace calotype::sdxl::cpu::CALOTYPE_SET {

constexpr int64_t kBlock = 512;  // words of a row that are multiplied at once

template <class T>
Panels panels(const LinearShape& shape) {
  return {shape, shape.inputs / Dot<T>::kNumbers};
}

inline int64_t linear_panels(const LinearShape& shape) { return Panels(shape, 0).count(); }

template <class T>
int64_t linear_packed_words(const LinearShape& shape) {
  return panels<T>(shape).words();
}

template <class T>
void linear_pack(const LinearShape& shape, const T* weight, uint32_t* packed, int64_t begin, int64_t end) {
  constexpr int64_t kNumbers = Dot<T>::kNumbers;
  const Panels all = panels<T>(shape);
  for (int64_t panel = begin; panel < end; ++panel)
    for (int64_t half = 0; half < all.halves; ++half)
      pack_panel(all, panel, half, packed, [&](int64_t row, int64_t step, uint32_t* words) {
        const int64_t count = std::min<int64_t>(16 * kNumbers, shape.inputs - step * kNumbers);
        Dot<T>::copy(weight + row * shape.inputs + step * kNumbers, count, words);
      });
}

/// Six rows of x as words, which need no copy where numbers are multiplied as they are stored.
template <class T>
struct LeftRows {
  static constexpr bool kCopied = sizeof(T) != sizeof(typename Dot<T>::Number);
  uint32_t copies[kTileRows][kCopied ? kBlock : 1];
  TileRows rows;

  /// `count` words from `word` on; after the last row comes the last again.
  void set(const T* x, int64_t x_stride, int64_t row, int64_t rows_in_all, int64_t word, int64_t count) {
    for (int64_t r = 0; r < kTileRows; ++r) {
      const T* from = x + std::min(row + r, rows_in_all - 1) * x_stride + word * Dot<T>::kNumbers;
      if constexpr (kCopied) Dot<T>::copy(from, count, copies[r]);
      rows[r] = kCopied ? copies[r] : (const uint32_t*)from;
    }
  }
};

template <class T>
void linear(const LinearShape& shape, const T* x, int64_t x_stride, const uint32_t* packed, const LinearOutput<T>& output,
            int64_t begin, int64_t end) {
  const Panels all = panels<T>(shape);
  LeftRows<T> left;
  PanelTile tile;
  for (int64_t panel = begin; panel < end; ++panel)
    for (int64_t row = 0; row < output.rows; row += kTileRows) {
      const int64_t columns = all.columns(panel);
      for (int64_t word = 0; word < all.steps; word += kBlock) {
        const int64_t count = std::min(kBlock, all.steps - word);
        left.set(x, x_stride, row, output.rows, word, count);
        for (int64_t half = 0; half < all.halves; ++half) {
          float* sums = tile.sums[half][0];
          multiply<Dot<T>>(left.rows, packed + all.begin(panel, half) + word * columns, columns, count,
                           word ? sums : nullptr, kPanel, sums, kPanel);
        }
      }
      write(shape, output, tile, row, panel * kPanel);
    }
}

}  // namespace calotype::sdxl::cpu::CALOTYPE_SET
