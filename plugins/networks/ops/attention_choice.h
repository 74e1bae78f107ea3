#pragma once
#include <calotype/tensor.h>

#include <map>
#include <vector>

namespace calotype::networks {

/// What picks the kernel of attention on a GPU: libtorch's rule; the clock; the clock for attention to the text and the
/// rule for all else.
enum class AttentionRule { fixed, measured, measured_text };

/// Which of libtorch's kernels for attention is the fastest on a GPU, measured at the first call of each shape and
/// kept. They round differently, and which wins may change from process to process. Used by one thread at a time.
class AttentionChoice {
 public:
  explicit AttentionChoice(AttentionRule rule = AttentionRule::measured) : rule_(rule) {}
  bool is_of_text_alone() const { return rule_ == AttentionRule::measured_text; }
  /// Of how many shapes it has measured.
  size_t measured() const { return chosen_.size(); }
  /// softmax(q k^T / sqrt(D)) v, q [N,H,T,D], k and v [N,H,S,D] on a GPU -> [N,H,T,D]. The first call of a shape waits
  /// for the GPU, so it must not be one that is recorded.
  at::Tensor operator()(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v);

 private:
  using Kernel = at::Tensor (*)(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v);
  using Key = std::pair<at::ScalarType, std::vector<int64_t>>;  // sizes and strides of q, k and v
  static Kernel fastest(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v);
  AttentionRule rule_;
  std::map<Key, Kernel> chosen_;
};

}  // namespace calotype::networks
