#include "networks/ops/onednn.h"

#include <ATen/Context.h>
#include <ATen/core/List.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <array>
#include <string_view>

#include "networks/kernels/kernel_checks.h"

namespace calotype::networks {
namespace {

using OptionalTensor = std::optional<at::Tensor>;
using Scalars = c10::List<std::optional<at::Scalar>>;
using OptionalText = std::optional<std::string_view>;

template <class Signature>
auto operation(const char* name) {
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, "").typed<Signature>();
}

OptionalTensor given(const at::Tensor& tensor) {
  return tensor.defined() ? OptionalTensor(tensor) : std::nullopt;
}

/// Of both sides.
std::array<int64_t, 2> both(int64_t n) {
  return {n, n};
}

}  // namespace

bool is_packable(const at::Tensor& weight) {
  if (!weight.is_cpu() || !at::globalContext().userEnabledMkldnn()) return false;
  return weight.scalar_type() == at::kFloat ||
         (weight.scalar_type() == at::kBFloat16 && __builtin_cpu_supports("avx512bf16"));
}

at::Tensor pack_convolution(const at::Tensor& weight, Sliding sliding) {
  using Pack = at::Tensor(const at::Tensor&, at::IntArrayRef, at::IntArrayRef, at::IntArrayRef, int64_t,
                          c10::OptionalArrayRef<int64_t>);
  static const auto pack = operation<Pack>("mkldnn::_reorder_convolution_weight");
  return pack.call(weight, both(sliding.padding), both(sliding.stride), both(1), 1, std::nullopt);
}

at::Tensor packed_convolution(const at::Tensor& x, const at::Tensor& packed, const at::Tensor& bias, Sliding sliding) {
  using Convolve = at::Tensor(const at::Tensor&, const at::Tensor&, const OptionalTensor&, at::IntArrayRef,
                              at::IntArrayRef, at::IntArrayRef, int64_t, std::string_view, Scalars, OptionalText);
  const KernelChecks checks("cpu convolution", x, 4, KernelChecks::kOnCpu);
  checks.input("x", x, {x.size(0), packed.size(1), x.size(2), x.size(3)});
  checks.weight_or_none("bias", bias, {packed.size(0)});
  static const auto convolve = operation<Convolve>("mkldnn::_convolution_pointwise");
  return convolve.call(x.contiguous(at::MemoryFormat::ChannelsLast), packed, given(bias), both(sliding.padding),
                       both(sliding.stride), both(1), 1, "none", Scalars(), std::nullopt);
}

}  // namespace calotype::networks
