#pragma once
#include <calotype/tensor.h>

#include <memory>

namespace calotype::networks {

/// A convolution's weight in 8 bits for the kernels of cpu/, with a scale for each output at each position of the
/// kernel; what goes in becomes such with a scale for each pixel.
class CpuInt8Convolution {
 public:
  /// Whether a weight of the shape [out,in,k,k] is worth it: one of many channels.
  static bool takes(at::IntArrayRef shape) { return shape[1] % 64 == 0 && shape[0] >= 16; }
  explicit CpuInt8Convolution(const at::Tensor& weight);
  /// x [N,in,H,W] -> [N,out,H',W'] in channels_last and in the type of x; bias [out] and `onto`, of the result's shape,
  /// may be undefined.
  at::Tensor operator()(const at::Tensor& x, int64_t stride, int64_t padding, const at::Tensor& bias,
                        const at::Tensor& onto) const;

 private:
  int64_t outputs_, inputs_, kernel_;
  at::Tensor packed_, scales_;
};

}  // namespace calotype::networks
