// Keys and values of a head as panels, see tile_body.h. Part of each_instruction_set.h.
//
// Both are filled up with zeros to a multiple of kLanes keys. Of the product q k^T the keys are columns: panels
// [width in words][keys]. Of the product p v they are summed over: panels [keys in words][width].
#include "networks/kernels/simd/tile_body.h"

namespace calotype::networks::cpu::CALOTYPE_SET {

constexpr int64_t kMaxWidth = 160;

/// Where the packed keys and values of a head are.
template <class T>
struct PackedHead {
  static constexpr int64_t kNumbers = Dot<T>::kNumbers;
  int64_t keys, width;  // keys: filled up

  explicit PackedHead(const AttentionShape& shape)
      : keys((shape.keys + Vector::kLanes - 1) / Vector::kLanes * Vector::kLanes), width(shape.width) {}
  int64_t words() const { return 2 * keys * width / kNumbers; }
  /// [width/kNumbers][columns] of the keys from `key` on, a multiple of kPanel.
  int64_t key_panel(int64_t key) const { return key * width / kNumbers; }
  /// [keys/kNumbers][columns] of the numbers from `column` on, a multiple of kPanel.
  int64_t value_panel(int64_t column) const { return (width + column) * keys / kNumbers; }
};

template <class T>
int64_t attention_packed_words(const AttentionShape& shape) {
  return PackedHead<T>(shape).words();
}

/// The rows of a head, with zeros after the last.
template <class T>
struct Head {
  const T* data;
  int64_t rows, row_stride;
  static constexpr T kZeros[kMaxWidth] = {};
  const T* row(int64_t i) const { return i < rows ? data + i * row_stride : kZeros; }
};

template <class T>
void pack_keys(const PackedHead<T>& packed, const Head<T>& k, uint32_t* to) {
  const int64_t words = packed.width / Dot<T>::kNumbers;
  uint32_t rows[4][kMaxWidth];
  for (int64_t first = 0; first < packed.keys; first += kPanel) {
    const int64_t columns = std::min<int64_t>(kPanel, packed.keys - first);
    for (int64_t column = 0; column < columns; column += 4) {
      for (int i = 0; i < 4; ++i) Dot<T>::copy(k.row(first + column + i), packed.width, rows[i]);
      for (int64_t word = 0; word < words; word += 4)
        transpose<4>(&rows[0][word], kMaxWidth, to + packed.key_panel(first) + word * columns + column, columns);
    }
  }
}

template <class T>
void pack_values(const PackedHead<T>& packed, const Head<T>& v, uint32_t* to) {
  constexpr int64_t kNumbers = Dot<T>::kNumbers;
  for (int64_t first = 0; first < packed.width; first += kPanel) {
    const int64_t columns = std::min<int64_t>(kPanel, packed.width - first);
    uint32_t* words = to + packed.value_panel(first);
    for (int64_t key = 0; key < packed.keys; key += kNumbers)
      for (int64_t column = first; column < first + columns; column += Vector::kLanes, words += Vector::kLanes)
        Dot<T>::interleave(v.row(key) + column, v.row(key + 1) + column, words);
  }
}

template <class T>
void attention_pack(const AttentionShape& shape, HeadRows<const T> k, HeadRows<const T> v, uint32_t* to, int64_t head) {
  const PackedHead<T> packed(shape);
  pack_keys<T>(packed, {k.row(shape, head, 0), shape.keys, k.row_stride}, to);
  pack_values<T>(packed, {v.row(shape, head, 0), shape.keys, v.row_stride}, to);
}

}  // namespace calotype::networks::cpu::CALOTYPE_SET
