#include "networks/kernels/cpu_ops.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include <cmath>
#include <vector>

#include "networks/kernels/cpu/attention.h"
#include "networks/kernels/cpu/convert.h"
#include "networks/kernels/cpu/group_norm.h"
#include "networks/kernels/cpu/layer_norm.h"
#include "networks/kernels/cpu_tensors.h"
#include "networks/kernels/kernel_checks.h"

namespace calotype::networks {
namespace {

template <class T, class N>
cpu::HeadRows<T> rows(N* data, const at::Tensor& t) {
  return {data, t.stride(0), t.stride(1)};
}

cpu::GroupNormShape group_norm_shape(const at::Tensor& x, int64_t groups) {
  return {x.size(0), x.size(2) * x.size(3), x.size(1), groups};
}

/// x, in groups of channels, and what is added to it; both kernels of GroupNorm are given these.
KernelChecks group_norm_checks(const at::Tensor& x, int64_t groups, const at::Tensor& add) {
  const KernelChecks checks("cpu group norm", x, 4, KernelChecks::kOnCpu);
  checks.channels(x.size(1));
  checks.divisor("groups", groups, x.size(1));
  checks.input_or_none("add", add, {x.size(0), x.size(1)});
  if (add.defined()) checks.type("add", add.scalar_type(), x.scalar_type());
  return checks;
}

/// Of as many channels as x, in its type.
void check_affine(const KernelChecks& checks, const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                  int64_t channels) {
  checks.weight("weight", weight, {channels});
  checks.weight("bias", bias, {channels});
  checks.in_place("weight", weight, x.scalar_type());
  checks.in_place("bias", bias, x.scalar_type());
}

/// [N,T,C] whose last dimension lies without gaps.
at::Tensor dense(const at::Tensor& x) {
  return x.stride(-1) == 1 ? x : x.contiguous();
}

}  // namespace

bool has_cpu_kernels(const at::Tensor& x) {
  return x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
}

at::Tensor cpu_converted(const at::Tensor& x, at::ScalarType type) {
  const KernelChecks checks("cpu conversion", x, 0, KernelChecks::kOnCuda);
  checks.kernel_type("result", type);
  checks.in_place("x", x, x.scalar_type());
  const at::Tensor result = at::empty(x.sizes(), x.options().dtype(type));
  const auto* from = static_cast<const char*>(x.const_data_ptr());
  auto* to = static_cast<char*>(result.mutable_data_ptr());
  at::parallel_for(0, x.numel(), kGrain, [&](int64_t begin, int64_t end) {
    cpu::convert(format_of(x.scalar_type()), from + begin * x.element_size(), format_of(type),
                 to + begin * result.element_size(), end - begin);
  });
  return result;
}

at::Tensor cpu_group_scales(const at::Tensor& x, int64_t groups, double epsilon, const at::Tensor& add) {
  group_norm_checks(x, groups, add);
  const at::Tensor source = x.contiguous(at::MemoryFormat::ChannelsLast),
                   added = add.defined() ? add.contiguous() : add;
  const cpu::GroupNormShape shape = group_norm_shape(x, groups);
  const int64_t parts = shape.images * cpu::group_norm_parts(shape);
  std::vector<cpu::GroupMoments> moments(size_t(parts * groups));
  const at::Tensor scales = at::empty({shape.images, groups, 2}, at::kFloat);
  of_type(x, [&](auto number) {
    using T = decltype(number);
    at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
      cpu::group_norm_moments(shape, {nullptr, nullptr, false, in<T>(added)}, in<T>(source), moments.data(), begin,
                              end);
    });
  });
  cpu::group_norm_scales(shape, epsilon, moments.data(), out<cpu::GroupScale>(scales));
  return scales;
}

at::Tensor cpu_group_norm(const at::Tensor& x, const at::Tensor& scales, const at::Tensor& weight,
                          const at::Tensor& bias, bool silu, const at::Tensor& add) {
  const KernelChecks checks = group_norm_checks(x, scales.size(1), add);
  check_affine(checks, x, weight, bias, x.size(1));
  checks.input("scales", scales, {x.size(0), scales.size(1), 2});
  checks.in_place("scales", scales, at::kFloat);
  const at::Tensor source = x.contiguous(at::MemoryFormat::ChannelsLast),
                   added = add.defined() ? add.contiguous() : add;
  const at::Tensor result = at::empty_like(source);
  const cpu::GroupNormShape shape = group_norm_shape(x, scales.size(1));
  of_type(x, [&](auto number) {
    using T = decltype(number);
    at::parallel_for(0, shape.images * cpu::group_norm_parts(shape), 1, [&](int64_t begin, int64_t end) {
      cpu::group_norm(shape, {in<T>(weight), in<T>(bias), silu, in<T>(added)}, in<T>(source),
                      in<cpu::GroupScale>(scales), out<T>(result), begin, end);
    });
  });
  return result;
}

at::Tensor cpu_layer_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double epsilon) {
  const KernelChecks checks("cpu layer norm", x, 0, KernelChecks::kOnCpu);
  const int64_t channels = x.size(-1);
  checks.channels(channels);
  check_affine(checks, x, weight, bias, channels);
  const at::Tensor source = x.contiguous(), result = at::empty_like(source);
  of_type(x, [&](auto number) {
    using T = decltype(number);
    const cpu::LayerNormOptions<T> options{channels, in<T>(weight), in<T>(bias), epsilon};
    at::parallel_for(0, x.numel() / channels, kGrain / channels + 1, [&](int64_t begin, int64_t end) {
      cpu::layer_norm(options, in<T>(source), out<T>(result), begin, end);
    });
  });
  return result;
}

bool is_cpu_attention_width(int64_t width) {
  return width % 16 == 0 && width <= 160;
}

at::Tensor cpu_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, int64_t heads) {
  const KernelChecks checks("cpu attention", q, 3, KernelChecks::kOnCpu);
  checks.channels(q.size(2));
  checks.divisor("heads", heads, q.size(2));
  checks.input("k", k, {q.size(0), k.size(1), q.size(2)});
  checks.input("v", v, k.sizes());
  checks.type("k", k.scalar_type(), q.scalar_type());
  checks.type("v", v.scalar_type(), q.scalar_type());
  const at::Tensor queries = dense(q), keys = dense(k), values = dense(v);
  const int64_t width = q.size(2) / heads;
  const cpu::AttentionShape shape{q.size(0), heads, q.size(1), k.size(1), width, float(1 / std::sqrt(double(width)))};
  const at::Tensor result = at::empty(q.sizes(), q.options());
  of_type(q, [&](auto number) {
    using T = decltype(number);
    at::parallel_for(0, shape.images * heads, 1, [&](int64_t begin, int64_t end) {
      std::vector<uint32_t> packed(size_t(cpu::attention_packed_words<T>(shape)));
      for (int64_t head = begin; head < end; ++head) {
        cpu::attention_pack<T>(shape, rows<const T>(in<T>(keys), keys), rows<const T>(in<T>(values), values),
                               packed.data(), head);
        cpu::attention<T>(shape, rows<const T>(in<T>(queries), queries), packed.data(), rows<T>(out<T>(result), result),
                          head, 0, shape.queries);
      }
    });
  });
  return result;
}

}  // namespace calotype::networks
