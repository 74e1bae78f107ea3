#include "networks/ops/attention.h"

#include <ATen/ops/scaled_dot_product_attention.h>

#include "networks/kernels/cpu_ops.h"
#include "networks/kernels/cuda_ops.h"

namespace calotype::networks {

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, int64_t heads, bool causal,
                     AttentionChoice* choice) {
  if (!causal && has_cpu_kernels(q) && is_cpu_attention_width(q.size(-1) / heads)) return cpu_attention(q, k, v, heads);
  const auto split = [heads](const at::Tensor& t) {
    return t.unflatten(-1, {heads, t.size(-1) / heads}).transpose(1, 2);
  };
  if (choice && !causal && q.is_cuda()) return (*choice)(split(q), split(k), split(v)).transpose(1, 2).flatten(2);
  return at::scaled_dot_product_attention(split(q), split(k), split(v), {}, 0.0, causal).transpose(1, 2).flatten(2);
}

SelfAttention::SelfAttention(const Weights& weights, int64_t heads)
    : SelfAttention(Linear({weights.at("to_q"), weights.at("to_k"), weights.at("to_v")}),
                    Linear(weights.at("to_out.0")), heads, weights.where()) {}

SelfAttention::SelfAttention(Linear query_key_value, Linear out, int64_t heads, const std::string& where)
    : query_key_value_(std::move(query_key_value)), out_(std::move(out)), heads_(heads) {
  check_divides(heads, query_key_value_.outputs() / 3, "attention heads", where);
}

at::Tensor SelfAttention::operator()(const LayerInput& x, const at::Tensor& onto, bool causal,
                                     AttentionChoice* choice) const {
  const auto parts = query_key_value_(x).chunk(3, -1);
  return out_(attention(parts[0], parts[1], parts[2], heads_, causal, choice), onto);
}

CrossAttention::CrossAttention(const Weights& weights, int64_t heads)
    : query_(weights.at("to_q")),
      key_value_({weights.at("to_k"), weights.at("to_v")}),
      out_(weights.at("to_out.0")),
      heads_(heads) {
  check_divides(heads, query_.outputs(), "attention heads", weights.where());
}

at::Tensor CrossAttention::operator()(const LayerInput& x, const at::Tensor& keys_and_values, const at::Tensor& onto,
                                      AttentionChoice* choice) const {
  const auto parts = keys_and_values.chunk(2, -1);
  return out_(attention(query_(x), parts[0], parts[1], heads_, false, choice), onto);
}

}  // namespace calotype::networks
