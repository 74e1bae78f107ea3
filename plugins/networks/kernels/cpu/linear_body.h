// Linear layers of floating-point numbers. Part of each_instruction_set.h.
#include "networks/kernels/cpu/panels_body.h"
#include "networks/kernels/simd/numbers_body.h"

namespace calotype::networks::cpu::CALOTYPE_SET {

constexpr int64_t kBlock = 512;  // words of a row that are multiplied at once
constexpr int64_t kAhead = 256;  // bytes: more rows are packed at a time than a processor fetches ahead by itself

template <class T>
Panels panels(const LinearShape& shape) {
  return {shape, shape.inputs / Dot<T>::kNumbers};
}

inline int64_t linear_panels(const LinearShape& shape) {
  return Panels(shape, 0).count();
}

template <class T>
int64_t linear_packed_words(const LinearShape& shape) {
  return panels<T>(shape).words();
}

/// `count` numbers, a multiple of 16 and at most 32, of a row of weights as words.
template <class T, NumberFormat from>
CALOTYPE_INLINE void fetch(const typename Numbers<from>::Bits* numbers, int64_t count, uint32_t* words) {
  constexpr NumberFormat kOwn = sizeof(T) == 4 ? NumberFormat::kFloat32 : NumberFormat::kBFloat16;
  constexpr bool kRounds = from == NumberFormat::kFloat16 && Dot<T>::kNumbers == 2;
  if constexpr (from == kOwn) {
    Dot<T>::copy(numbers, count, words);
  } else if (kRounds && count == 32) {
    if constexpr (kRounds) Dot<T>::round(Numbers<from>::load(numbers), Numbers<from>::load(numbers + 16), words);
  } else {
    T converted[16 * Dot<T>::kNumbers];
    for (int64_t i = 0; i < count; i += Vector::kLanes)
      Numbers<kOwn>::store(Numbers<from>::load(numbers + i), converted + i, from == NumberFormat::kFloat16);
    Dot<T>::copy(converted, count, words);
  }
}

template <class T, NumberFormat from>
void pack_panel_of(const Panels& all, const LinearShape& shape, const StoredWeight& weight, int64_t panel,
                   uint32_t* to) {
  using Bits = typename Numbers<from>::Bits;
  constexpr int64_t kNumbers = Dot<T>::kNumbers;
  for (int64_t half = 0; half < all.halves; ++half)
    pack_panel(all, panel, half, to + half * all.columns(panel) * all.steps,
               [&](int64_t row, int64_t step, uint32_t* words) {
                 const int64_t part = row / weight.rows, first = step * kNumbers;
                 const auto* numbers =
                     static_cast<const Bits*>(weight.parts[part]) + (row - part * weight.rows) * shape.inputs + first;
                 __builtin_prefetch((const char*)numbers + kAhead);
                 fetch<T, from>(numbers, std::min(16 * kNumbers, shape.inputs - first), words);
               });
}

template <class T>
void pack_panel_of(const Panels& all, const LinearShape& shape, const StoredWeight& weight, int64_t panel,
                   uint32_t* to) {
  switch (weight.format) {
    case NumberFormat::kFloat32:
      return pack_panel_of<T, NumberFormat::kFloat32>(all, shape, weight, panel, to);
    case NumberFormat::kFloat16:
      return pack_panel_of<T, NumberFormat::kFloat16>(all, shape, weight, panel, to);
    case NumberFormat::kBFloat16:
      return pack_panel_of<T, NumberFormat::kBFloat16>(all, shape, weight, panel, to);
  }
}

template <class T>
void linear_pack(const LinearShape& shape, const StoredWeight& weight, uint32_t* packed, int64_t begin, int64_t end) {
  const Panels all = panels<T>(shape);
  for (int64_t panel = begin; panel < end; ++panel)
    pack_panel_of<T>(all, shape, weight, panel, packed + all.begin(panel, 0));
}

template <class T>
int64_t linear_panel_words(const LinearShape& shape) {
  const Panels all = panels<T>(shape);
  return all.halves * all.columns(0) * all.steps;
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

/// The outputs of one panel, whose words are given.
template <class T>
void linear_panel(const LinearShape& shape, const T* x, int64_t x_stride, const uint32_t* words,
                  const LinearOutput<T>& output, int64_t panel) {
  const Panels all = panels<T>(shape);
  const int64_t columns = all.columns(panel);
  LeftRows<T> left;
  PanelTile tile;
  for (int64_t row = 0; row < output.rows; row += kTileRows) {
    for (int64_t word = 0; word < all.steps; word += kBlock) {
      const int64_t count = std::min(kBlock, all.steps - word);
      left.set(x, x_stride, row, output.rows, word, count);
      for (int64_t half = 0; half < all.halves; ++half) {
        float* sums = tile.sums[half][0];
        multiply<Dot<T>>(left.rows, words + (half * all.steps + word) * columns, columns, count, word ? sums : nullptr,
                         kPanel, sums, kPanel);
      }
    }
    write(shape, output, tile, row, panel * kPanel);
  }
}

template <class T>
void linear(const LinearShape& shape, const T* x, int64_t x_stride, const uint32_t* packed,
            const LinearOutput<T>& output, int64_t begin, int64_t end) {
  const Panels all = panels<T>(shape);
  for (int64_t panel = begin; panel < end; ++panel)
    linear_panel(shape, x, x_stride, packed + all.begin(panel, 0), output, panel);
}

template <class T>
void linear_in_place(const LinearShape& shape, const T* x, int64_t x_stride, const StoredWeight& weight,
                     uint32_t* words, const LinearOutput<T>& output, int64_t begin, int64_t end) {
  const Panels all = panels<T>(shape);
  for (int64_t panel = begin; panel < end; ++panel) {
    pack_panel_of<T>(all, shape, weight, panel, words);
    linear_panel(shape, x, x_stride, words, output, panel);
  }
}

}  // namespace calotype::networks::cpu::CALOTYPE_SET
