#pragma once
#include "networks/kernels/cpu/linear.h"

namespace calotype::networks::cpu {

// The linear layers of linear.h in int8: a row of numbers becomes bytes and a float32 scale, number = scale * (byte -
// 128), bytes in [1,255]. Products of bytes are summed exactly in int32, up to 100,000 inputs of any number. Weights
// are such rows, made and packed once; what goes into a layer is made into such rows each time.

/// Bytes that a row of so many numbers takes: a multiple of 64.
int64_t int8_row_bytes(int64_t numbers);

/// Rows [begin,end) of x [rows][numbers], finite, x_stride apart, to bytes [rows][int8_row_bytes(numbers)], filled up
/// with 128, and scales [rows] = max |x| / 127.
template <class T>
void quantize_rows(const T* x, int64_t x_stride, int64_t numbers, uint8_t* bytes, float* scales, int64_t begin,
                   int64_t end, InstructionSet set = best_instruction_set());

/// Words of 4 bytes that packed weights take; panels are those of linear_panels().
int64_t int8_packed_words(const LinearShape& shape, InstructionSet set = best_instruction_set());

/// Packs the panels [begin,end) of weights that quantize_rows() has made bytes.
void int8_pack(const LinearShape& shape, const uint8_t* bytes, uint32_t* packed, int64_t begin, int64_t end,
               InstructionSet set = best_instruction_set());

/// Rows of bytes or packed weights, and their scales.
struct Int8Rows {
  const uint8_t* bytes;
  const float* scales;
};
struct Int8Weights {
  const uint32_t* packed;
  const float* scales;  ///< [outputs], gated [2][outputs]
};

/// The outputs of the panels [begin,end) for rows of x.
template <class T>
void int8_linear(const LinearShape& shape, const Int8Rows& x, const Int8Weights& weights, const LinearOutput<T>& output,
                 int64_t begin, int64_t end, InstructionSet set = best_instruction_set());

}  // namespace calotype::networks::cpu
