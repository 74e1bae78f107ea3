#include <ATen/ops/scaled_dot_product_attention.h>

#include "own_operators.h"
#include "tensors.h"

namespace stand_in {
namespace {

at::Tensor attention(const char* name, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, bool causal,
                     std::optional<double> scale) {
  Ranges ranges;
  for (const at::Tensor* t : {&q, &k, &v}) ranges.add(*t, false);
  return made_anew(name, q.device(), ranges,
                   [=, a = seen_by_cpu(q), b = seen_by_cpu(k), c = seen_by_cpu(v)] {
                     const at::Tensor out = at::scaled_dot_product_attention(a.to(at::kFloat), b.to(at::kFloat),
                                                                             c.to(at::kFloat), {}, 0.0, causal, scale)
                                                .to(a.scalar_type());
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
