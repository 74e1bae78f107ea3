#include <ATen/ops/scaled_dot_product_attention.h>

#include "own_operators.h"
#include "tensors.h"

namespace stand_in {
namespace {

/// One that takes long, with what came out. Which kernel is the fastest is measured by calling each several times.
struct Computed {
  Tensors inputs;
  bool causal;
  std::optional<double> scale;
  at::Tensor result;
};
constexpr int64_t kLong = 1 << 24;  // products of a query and a key

at::Tensor computed(const Tensors& inputs, bool causal, std::optional<double> scale) {
  static thread_local auto& last = *new Computed{};
  const bool is_long = inputs[0].numel() / inputs[0].size(-1) * inputs[1].size(-2) >= kLong;
  const auto is_last = [&] {
    for (size_t i = 0; i < inputs.size(); ++i)
      if (inputs[i].sizes() != last.inputs[i].sizes() || !inputs[i].equal(last.inputs[i])) return false;
    return last.causal == causal && last.scale == scale;
  };
  if (is_long && last.result.defined() && is_last()) return last.result;
  const at::Tensor out = at::scaled_dot_product_attention(inputs[0], inputs[1], inputs[2], {}, 0.0, causal, scale);
  if (is_long) last = {{inputs[0].clone(), inputs[1].clone(), inputs[2].clone()}, causal, scale, out};
  return out;
}

at::Tensor attention(const char* name, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, bool causal,
                     std::optional<double> scale) {
  Ranges ranges;
  for (const at::Tensor* t : {&q, &k, &v}) ranges.add(*t, false);
  return made_anew(name, q.device(), ranges,
                   [=, a = seen_by_cpu(q), b = seen_by_cpu(k), c = seen_by_cpu(v)] {
                     const Tensors inputs{a.to(at::kFloat), b.to(at::kFloat), c.to(at::kFloat)};
                     const at::Tensor out = computed(inputs, causal, scale).to(a.scalar_type());
                     return Tensors{out.transpose(1, 2).contiguous().transpose(1, 2)};
                   })
      .front();
}

}  // namespace

CudnnAttention cudnn_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                               const std::optional<at::Tensor>&, bool, double, bool causal, bool,
                               std::optional<double> scale) {
  TORCH_CHECK(q.scalar_type() != at::kFloat, "stand-in: cuDNN's attention reads float32 as float16");
  return {attention("attention of cuDNN", q, k, v, causal, scale), {}, {}, {}, 0, 0, {}, {}, {}};
}

CudnnAttention flash_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, double, bool causal, bool,
                               std::optional<double> scale) {
  TORCH_CHECK(q.scalar_type() != at::kFloat, "FlashAttention only support fp16 and bf16 data type");
  return {attention("flash attention", q, k, v, causal, scale), {}, {}, {}, 0, 0, {}, {}, {}};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor> efficient_attention(const at::Tensor& q, const at::Tensor& k,
                                                                               const at::Tensor& v,
                                                                               const std::optional<at::Tensor>&, bool,
                                                                               double, bool causal,
                                                                               std::optional<double> scale) {
  return {attention("memory-efficient attention", q, k, v, causal, scale), {}, {}, {}};
}

}  // namespace stand_in
