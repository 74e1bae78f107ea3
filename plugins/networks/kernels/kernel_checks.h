#pragma once
#include <calotype/tensor.h>

namespace calotype::networks {

/// What a kernel of cpu/ or cuda/ is given, looked at before it runs: it does not look where its
/// buffers end. Each throws Error, as `cuda group norm: weight: want [320], got [64]`: bad_data for what a model's file
/// holds, internal for all else.
class KernelChecks {
 public:
  /// The types of numbers that the kernels of cpu/ and cuda/ compute with.
  static constexpr at::ScalarType kOnCpu[] = {at::kFloat, at::kBFloat16},
                                  kOnCuda[] = {at::kFloat, at::kBFloat16, at::kHalf};

  /// x, for a kernel of that name: of that many dimensions, or of any but none for 0, and of one of these types.
  KernelChecks(const char* kernel, const at::Tensor& x, int64_t dimensions,
               at::ArrayRef<at::ScalarType> types = kOnCuda);

  /// Of that shape and on x's device.
  void input(const char* name, const at::Tensor& t, at::IntArrayRef shape) const;
  void weight(const char* name, const at::Tensor& t, at::IntArrayRef shape) const;
  /// The same, or undefined.
  void input_or_none(const char* name, const at::Tensor& t, at::IntArrayRef shape) const;
  void weight_or_none(const char* name, const at::Tensor& t, at::IntArrayRef shape) const;

  void type(const char* name, at::ScalarType got, at::ScalarType want) const;
  /// One of the types that x may have.
  void kernel_type(const char* name, at::ScalarType got) const;
  /// Numbers that a kernel reads where they are: of that type and without gaps; or undefined.
  void in_place(const char* name, const at::Tensor& t, at::ScalarType type) const;
  /// A number that divides the channels.
  void divisor(const char* name, int64_t got, int64_t channels) const;
  /// As many channels of x as a multiple of that, and not none.
  void channels(int64_t got, int64_t multiple_of = 1) const;

 private:
  const char* kernel_;
  at::Device device_;
  at::ArrayRef<at::ScalarType> types_;
};

}  // namespace calotype::networks
