// Attention by blocks of queries and keys that stay in cache, with the softmax online (Milakov and Gimelshein 2018,
// arXiv:1805.02867) as FlashAttention has it (Dao et al. 2022, arXiv:2205.14135). Part of each_instruction_set.h.
//
// Of a query's scores s so far, m = max s, l = sum exp(s - m) and o = sum exp(s - m) v are kept; a new block with the
// maximum m' makes m'' = max(m, m') and multiplies l and o by exp(m - m'') first. The result is o / l.
#include "networks/kernels/cpu/attention_pack_body.h"
#include "networks/kernels/simd/exponential_body.h"

namespace calotype::networks::cpu::CALOTYPE_SET {

constexpr int64_t kKeyBlock = 512;  // a multiple of kPanel

/// A block of queries of one head at work.
template <class T>
struct QueryBlock {
  using Number = typename Dot<T>::Number;
  static constexpr int64_t kStride = kKeyBlock + 16;  // of scores: rows apart from each other in the cache

  alignas(64) float scores[kTileRows * kStride];
  alignas(64) float out[kQueryBlock * kMaxWidth];         // [query][width]
  alignas(64) uint32_t queries[kQueryBlock * kMaxWidth];  // [query][width], in words
  float largest[kQueryBlock], total[kQueryBlock];

  /// Rows after the last of `count` repeat it, to make whole tiles.
  void begin(const AttentionShape& shape, const T* q, int64_t row_stride, int64_t count) {
    for (int64_t r = 0; r < kQueryBlock; ++r)
      Dot<T>::copy(q + std::min(r, count - 1) * row_stride, shape.width, queries + r * shape.width);
  }

  /// Queries [row, row + 6) look at a block of keys from `key` on.
  void add(const AttentionShape& shape, const uint32_t* packed, int64_t row, int64_t key) {
    const PackedHead<T> head(shape);
    const int64_t keys = std::min(kKeyBlock, head.keys - key);
    TileRows rows;
    for (int r = 0; r < kTileRows; ++r) rows[r] = queries + (row + r) * head.width;
    for (int64_t at = 0; at < keys; at += kPanel)
      multiply<Dot<T>>(rows, packed + head.key_panel(key + at), std::min<int64_t>(kPanel, keys - at),
                       head.width / Dot<T>::kNumbers, nullptr, 0, scores + at, kStride);
    for (int r = 0; r < kTileRows; ++r) {
      weigh(shape, row + r, scores + r * kStride, keys, shape.keys - key, key == 0);
      rows[r] = (const uint32_t*)(scores + r * kStride);
    }
    for (int64_t at = 0; at < head.width; at += kPanel) {
      const int64_t columns = std::min<int64_t>(kPanel, head.width - at), steps = keys / Dot<T>::kNumbers;
      const uint32_t* values = packed + head.value_panel(at) + key / Dot<T>::kNumbers * columns;
      float* to = out + row * head.width + at;
      multiply<Dot<T>>(rows, values, columns, steps, key == 0 ? nullptr : to, head.width, to, head.width);
    }
  }

  /// Turns a row of scores, of which the first `valid` count, into weights in its place, and brings what the row has
  /// summed to the new maximum.
  void weigh(const AttentionShape& shape, int64_t row, float* score, int64_t keys, int64_t valid, bool first) {
    for (int64_t i = valid; i < keys; ++i) score[i] = -1e30f;
    Vector top = first ? Vector::load(score) : Vector::all(largest[row]);
    for (int64_t i = 0; i < keys; i += Vector::kLanes) top = larger(top, Vector::load(score + i));
    const Vector maximum = Vector::all(top.largest());
    const Vector factor = Vector::all(shape.scale * kLog2OfE);  // exp(scale * s) = 2^(factor * s)
    Vector sum = Vector::all(0);
    for (int64_t i = 0; i < keys; i += Vector::kLanes) {
      const Vector weight = power_of_two<kAccuracy<Number>>((Vector::load(score + i) - maximum) * factor);
      sum = sum + weight;
      weight.store((Number*)score + i);  // never after what is still to be read
    }
    if (first) {
      total[row] = sum.sum();
    } else {
      const Vector shrink = power_of_two<kAccuracy<Number>>((Vector::all(largest[row]) - maximum) * factor);
      total[row] = total[row] * shrink.first() + sum.sum();
      for (int64_t i = row * shape.width; i < (row + 1) * shape.width; i += Vector::kLanes)
        (Vector::load(out + i) * shrink).store(out + i);
    }
    largest[row] = maximum.first();
  }

  void end(const AttentionShape& shape, T* to, int64_t row_stride, int64_t count) const {
    for (int64_t r = 0; r < count; ++r) {
      const Vector share = Vector::all(1 / total[r]);
      for (int64_t i = 0; i < shape.width; i += Vector::kLanes)
        (Vector::load(out + r * shape.width + i) * share).store(to + r * row_stride + i);
    }
  }
};

template <class T>
void attention(const AttentionShape& shape, HeadRows<const T> q, const uint32_t* packed, HeadRows<T> out, int64_t head,
               int64_t begin, int64_t end) {
  QueryBlock<T> block;
  for (int64_t first = begin; first < end; first += kQueryBlock) {
    const int64_t count = std::min(kQueryBlock, end - first);
    block.begin(shape, q.row(shape, head, first), q.row_stride, count);
    for (int64_t key = 0; key < shape.keys; key += kKeyBlock)
      for (int64_t row = 0; row < count; row += kTileRows) block.add(shape, packed, row, key);
    block.end(shape, out.row(shape, head, first), out.row_stride, count);
  }
}

}  // namespace calotype::networks::cpu::CALOTYPE_SET
