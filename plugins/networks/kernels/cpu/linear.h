#pragma once
#include <cstdint>

#include "networks/kernels/simd/instruction_set.h"
#include "networks/kernels/simd/number_format.h"

namespace calotype::networks::cpu {

// Linear layers whose weights are packed once, for the order in which they are read. T is float, or uint16_t for the
// bits of bfloat16, of which products are summed in float32. `set` is to be the same in packing and use. Threads share
// a layer by panels of outputs, or by rows, for which x, residual and out are moved on. Nothing is allocated. Packed
// weights are best aligned to 64 bytes, all else as it comes.

/// A layer's size and kind: x W^T + bias, of [rows][inputs] and [outputs][inputs]. Gated, W and bias have twice the
/// outputs, [a,b] of a row are multiplied as a * gelu(b), and it is these that `outputs` counts.
struct LinearShape {
  int64_t inputs;  ///< for floating-point numbers a multiple of 16
  int64_t outputs;
  bool gated = false;
};

/// What a layer adds and where it writes.
template <class T>
struct LinearOutput {
  int64_t rows;
  const T* bias;      ///< [outputs], gated [2][outputs], or null
  const T* residual;  ///< [rows][outputs] to be added in the end, or null
  T* out;             ///< [rows][outputs], may be residual
};

/// Into how many panels the outputs are cut, of up to 64 each.
int64_t linear_panels(const LinearShape& shape, InstructionSet set = best_instruction_set());

/// Words of 4 bytes that the packed weights take: about as much as the weights, and in bfloat16 without instructions
/// for it twice that.
template <class T>
int64_t linear_packed_words(const LinearShape& shape, InstructionSet set = best_instruction_set());

/// Weights as they lie in a file, [outputs][inputs], gated [2][outputs][inputs], cut into parts of `rows` rows each.
struct StoredWeight {
  NumberFormat format;
  const void* const* parts;
  int64_t rows;
};

/// Packs the panels [begin,end).
template <class T>
void linear_pack(const LinearShape& shape, const StoredWeight& weight, uint32_t* packed, int64_t begin, int64_t end,
                 InstructionSet set = best_instruction_set());

/// The outputs of the panels [begin,end) for x, rows of which are x_stride numbers apart. Takes 20 KiB of stack.
template <class T>
void linear(const LinearShape& shape, const T* x, int64_t x_stride, const uint32_t* packed,
            const LinearOutput<T>& output, int64_t begin, int64_t end, InstructionSet set = best_instruction_set());

/// Words that one panel takes.
template <class T>
int64_t linear_panel_words(const LinearShape& shape, InstructionSet set = best_instruction_set());

/// The same, bit for bit, of weights that are not packed: each panel is packed into `words`, of linear_panel_words,
/// when its turn comes, which costs a product of 512 rows of bfloat16 4 %.
template <class T>
void linear_in_place(const LinearShape& shape, const T* x, int64_t x_stride, const StoredWeight& weight,
                     uint32_t* words, const LinearOutput<T>& output, int64_t begin, int64_t end,
                     InstructionSet set = best_instruction_set());

}  // namespace calotype::networks::cpu
