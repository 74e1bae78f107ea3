#pragma once
#include "networks/ops/attention_choice.h"
#include "networks/ops/layers.h"

namespace calotype::networks {

/// softmax(q k^T / sqrt(width of a head)) v for each head: q [N,T,C], k and v [N,S,C], whose heads stand side by side,
/// as parts of a wider tensor or not -> [N,T,C]. causal: T looks at nothing that comes later. choice: of a kernel on a
/// GPU; null: libtorch's.
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, int64_t heads, bool causal = false,
                     AttentionChoice* choice = nullptr);

/// The positions of one sequence look at each other.
class SelfAttention {
 public:
  /// Under diffusers' names: to_q, to_k, to_v, to_out.0. Throws Error (bad_data): `where: attention heads: want a
  /// divisor of 320 channels, got 3`.
  SelfAttention(const Weights& weights, int64_t heads);
  SelfAttention(Linear query_key_value, Linear out, int64_t heads, const std::string& where);
  /// x [N,T,C] -> [N,T,C], added to `onto` where it is given.
  at::Tensor operator()(const LayerInput& x, const at::Tensor& onto = {}, bool causal = false,
                        AttentionChoice* choice = nullptr) const;
  /// As Linear's.
  std::optional<at::ScalarType> byte_type() const { return query_key_value_.byte_type(); }

 private:
  Linear query_key_value_, out_;
  int64_t heads_;
};

/// The positions of one sequence look at another one, whose keys and values stay the same over many calls.
class CrossAttention {
 public:
  CrossAttention(const Weights& weights, int64_t heads);
  /// context [N,S,D] -> [N,S,2C]
  at::Tensor keys_and_values(const at::Tensor& context) const { return key_value_(context); }
  /// x [N,T,C] looks at what `keys_and_values` gave -> [N,T,C], added to `onto`.
  at::Tensor operator()(const LayerInput& x, const at::Tensor& keys_and_values, const at::Tensor& onto,
                        AttentionChoice* choice = nullptr) const;
  /// As Linear's, of x.
  std::optional<at::ScalarType> byte_type() const { return query_.byte_type(); }
  /// The width D of the context.
  int64_t context_width() const { return key_value_.inputs(); }

 private:
  Linear query_, key_value_, out_;
  int64_t heads_;
};

}  // namespace calotype::networks
