#pragma once
#include <calotype/tensor.h>

#include <string>

namespace calotype::sdxl {

/// What a kernel is given, looked at before anything is queued: a kernel does not look where its buffers end. Each throws
/// Error, as `cuda group norm: weight: want [320], got [64]`: bad_data for what a model's file holds, internal for all else.
class CudaChecks {
 public:
  /// x, for a kernel of that name: of that many dimensions, or of any but none for 0, and of a type that kernels take.
  CudaChecks(const char* kernel, const at::Tensor& x, int64_t dimensions);

  /// Of that shape and on x's device.
  void input(const char* name, const at::Tensor& t, at::IntArrayRef shape) const;
  void weight(const char* name, const at::Tensor& t, at::IntArrayRef shape) const;
  /// The same, or undefined.
  void input_or_none(const char* name, const at::Tensor& t, at::IntArrayRef shape) const;
  void weight_or_none(const char* name, const at::Tensor& t, at::IntArrayRef shape) const;

  void type(const char* name, at::ScalarType got, at::ScalarType want) const;
  /// A type that kernels take.
  void kernel_type(const char* name, at::ScalarType got) const;
  /// A number that divides the channels.
  void divisor(const char* name, int64_t got, int64_t channels) const;
  /// As many channels of x as a multiple of that, and not none.
  void channels(int64_t got, int64_t multiple_of = 1) const;

 private:
  const char* kernel_;
  at::Device device_;
};

}  // namespace calotype::sdxl
