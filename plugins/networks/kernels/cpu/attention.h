#pragma once
#include <cstdint>

#include "networks/kernels/simd/instruction_set.h"

namespace calotype::networks::cpu {

/// softmax(scale * q k^T) v over all keys, for each image and head.
struct AttentionShape {
  int64_t images, heads, queries, keys;  ///< each at least 1
  int64_t width;                         ///< of a head: a multiple of 16 up to 160
  float scale;                           ///< positive; usually 1 / sqrt(width)
};

/// A matrix [image][position][head][width]: the numbers of a head follow each other, as do heads; rows and images
/// are so many numbers apart, so that a product with q, k and v side by side is read where it lies. No alignment is
/// needed.
template <class T>
struct HeadRows {
  T* data;
  int64_t image_stride, row_stride;

  /// The numbers of one head at a position. Here and below `head` is image * heads + head of the image.
  T* row(const AttentionShape& shape, int64_t head, int64_t position) const {
    return data + head / shape.heads * image_stride + position * row_stride + head % shape.heads * shape.width;
  }
};

// T is float, or uint16_t for the bits of bfloat16, which is summed in float32; the weights of the softmax are rounded
// to T. `set` is to be the same in all calls that share packed keys and values. Nothing is allocated.

/// Words of 4 bytes that the keys and values of one head take, packed: filled up to a multiple of 16 keys or less.
template <class T>
int64_t attention_packed_words(const AttentionShape& shape, InstructionSet set = best_instruction_set());

/// Packs the keys and values of one head. It pays to use them soon, while they are in cache, or to keep them for other
/// queries, as of the same prompt. `packed` is best aligned to 64 bytes.
template <class T>
void attention_pack(const AttentionShape& shape, HeadRows<const T> k, HeadRows<const T> v, uint32_t* packed,
                    int64_t head, InstructionSet set = best_instruction_set());

/// The attention of the queries [begin,end) of one head to its packed keys and values; 48 queries or a multiple of them
/// are fastest. `out` may be `q` itself, else they do not overlap. Takes 75 KiB of stack.
template <class T>
void attention(const AttentionShape& shape, HeadRows<const T> q, const uint32_t* packed, HeadRows<T> out, int64_t head,
               int64_t begin, int64_t end, InstructionSet set = best_instruction_set());

}  // namespace calotype::networks::cpu
