#include "networks/ops/attention_choice.h"

#include <ATen/detail/CUDAHooksInterface.h>
#include <ATen/ops/_scaled_dot_product_cudnn_attention.h>
#include <ATen/ops/_scaled_dot_product_efficient_attention.h>
#include <ATen/ops/_scaled_dot_product_flash_attention.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <c10/util/Exception.h>

#include <limits>

namespace calotype::networks {
namespace {

constexpr int kRuns = 5;

using at::Tensor;

Tensor cudnn(const Tensor& q, const Tensor& k, const Tensor& v) {
  return std::get<0>(at::_scaled_dot_product_cudnn_attention(q, k, v, {}, /*compute_log_sumexp=*/false));
}
Tensor flash(const Tensor& q, const Tensor& k, const Tensor& v) {
  return std::get<0>(at::_scaled_dot_product_flash_attention(q, k, v));
}
Tensor efficient(const Tensor& q, const Tensor& k, const Tensor& v) {
  return std::get<0>(at::_scaled_dot_product_efficient_attention(q, k, v, {}, /*compute_log_sumexp=*/false));
}
/// By libtorch's own rule, which takes what the others do not.
Tensor by_rule(const Tensor& q, const Tensor& k, const Tensor& v) {
  return at::scaled_dot_product_attention(q, k, v);
}

/// What the three take, some of which do not look: cuDNN's would read float32 as float16.
bool is_usual(const Tensor& q) {
  const int64_t width = q.size(-1);
  return (q.scalar_type() == at::kHalf || q.scalar_type() == at::kBFloat16) && width % 8 == 0 && width <= 128;
}

/// Whether cuDNN's is right for all lengths, as libtorch has it.
bool is_cudnn_usable() {
  constexpr long kSince = 91501;
  return at::detail::getCUDAHooks().versionRuntimeCuDNN() >= kSince;
}

}  // namespace

AttentionChoice::Kernel AttentionChoice::fastest(const Tensor& q, const Tensor& k, const Tensor& v) {
  if (!is_usual(q)) return by_rule;
  const c10::Stream stream = c10::impl::VirtualGuardImpl(q.device().type()).getStream(q.device());
  Kernel best = by_rule;
  double least = std::numeric_limits<double>::infinity();
  for (const Kernel kernel : {cudnn, flash, efficient}) {
    if (kernel == cudnn && !is_cudnn_usable()) continue;
    c10::Event start(q.device().type(), c10::EventFlag::BACKEND_DEFAULT),
        end(q.device().type(), c10::EventFlag::BACKEND_DEFAULT);
    try {
      kernel(q, k, v);
      start.record(stream);
      for (int i = 0; i < kRuns; ++i) kernel(q, k, v);
      end.record(stream);
      end.synchronize();
    } catch (const c10::OutOfMemoryError&) {
      throw;
    } catch (const c10::Error&) {
      continue;  // not for such a GPU, type or shape
    }
    if (const double took = start.elapsedTime(end); took < least) least = took, best = kernel;
  }
  return best;
}

Tensor AttentionChoice::operator()(const Tensor& q, const Tensor& k, const Tensor& v) {
  Key key{q.scalar_type(), {}};
  for (const Tensor* t : {&q, &k, &v})
    for (const at::IntArrayRef numbers : {t->sizes(), t->strides()})
      key.second.insert(key.second.end(), numbers.begin(), numbers.end());
  auto place = chosen_.find(key);
  if (place == chosen_.end()) place = chosen_.emplace(std::move(key), fastest(q, k, v)).first;
  return place->second(q, k, v);
}

}  // namespace calotype::networks
