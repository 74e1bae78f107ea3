#pragma once
#include "networks/kernels/cpu/int8_linear.h"

namespace calotype::networks::cpu {

// Convolutions of one image [height][width][inputs] in int8. Each of the kernel's positions is a linear layer of
// int8_linear.h with scales of its own, and so is each pixel: what they give is summed in float32.

struct Int8ConvolutionShape {
  int64_t height, width, inputs, outputs;
  int64_t kernel, stride, padding;  ///< the same both ways; padding <= kernel / 2

  int64_t out_height() const { return (height + 2 * padding - kernel) / stride + 1; }
  int64_t out_width() const { return (width + 2 * padding - kernel) / stride + 1; }
  int64_t places() const { return kernel * kernel; }
  LinearShape place() const { return {inputs, outputs}; }
};

/// Pixels of the result that a thread takes at a time: parts of it begin at a multiple of this.
constexpr int64_t kConvolutionPixels = 384;

/// Outputs of one panel, see linear_panels(place()), for the pixels [begin,end) of the result. x: a row for each pixel.
/// weights: for each position of the kernel, row by row, what int8_pack gives, and [outputs] scales. output.rows:
/// pixels of the result.
template <class T>
void int8_convolution(const Int8ConvolutionShape& shape, const Int8Rows& x, const Int8Weights& weights,
                      const LinearOutput<T>& output, int64_t panel, int64_t begin, int64_t end,
                      InstructionSet set = best_instruction_set());

}  // namespace calotype::networks::cpu
