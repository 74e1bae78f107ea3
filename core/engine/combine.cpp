#include "engine/combine.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/add.h>
#include <ATen/ops/mul.h>
#include <torch/library.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory_resource>
#include <utility>
#include <vector>

namespace calotype {
namespace {

template <size_t N>
[[gnu::always_inline]] inline void sum(const double* coefficients, const float* const* terms, float* out,
                                       int64_t count) {
  std::array<float, N> c;
  for (size_t k = 0; k < N; ++k) c[k] = float(coefficients[k]);
#pragma GCC ivdep  // `out` may be one of the terms, but only at the same index
  for (int64_t i = 0; i < count; ++i) {
    float total = c[0] * terms[0][i];
    for (size_t k = 1; k < N; ++k) total += c[k] * terms[k][i];
    out[i] = total;
  }
}

#if defined(__x86_64__)
template <size_t N>
[[gnu::target("avx2")]] void sum_avx2(const double* coefficients, const float* const* terms, float* out,
                                      int64_t count) {
  sum<N>(coefficients, terms, out, count);
}

template <size_t N>
[[gnu::target("avx512f")]] void sum_avx512(const double* coefficients, const float* const* terms, float* out,
                                           int64_t count) {
  sum<N>(coefficients, terms, out, count);
}
#endif

template <size_t N>
void pass(const double* coefficients, const float* const* terms, float* out, int64_t count) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return sum_avx512<N>(coefficients, terms, out, count);
  if (__builtin_cpu_supports("avx2")) return sum_avx2<N>(coefficients, terms, out, count);
#endif
  sum<N>(coefficients, terms, out, count);
}

using Coefficients = std::pmr::vector<double>;
using Terms = std::pmr::vector<const at::Tensor*>;

/// Terms that stand twice count once: a step like x + h * (x - denoised) reads x a single time.
void merge(Coefficients& c, Terms& terms) {
  size_t n = 0;
  for (size_t i = 0; i < terms.size(); ++i) {
    size_t j = 0;
    while (j < n && terms[j] != terms[i]) ++j;
    if (j < n) {
      c[j] += c[i];
      continue;
    }
    c[n] = c[i];
    terms[n++] = terms[i];
  }
  c.resize(n);
  terms.resize(n);
}

void on_cpu(const Coefficients& c, const Terms& terms, at::Tensor& out) {
  constexpr size_t kMost = 6;
  std::array<const float*, kMost> p{};
  for (size_t first = 0; first < terms.size();) {
    // more than six terms: the sum so far becomes the first term of the next pass
    std::array<double, kMost> k{};
    size_t n = 0;
    if (first) k[n] = 1, p[n++] = out.const_data_ptr<float>();
    for (; n < kMost && first < terms.size(); ++first) k[n] = c[first], p[n++] = terms[first]->const_data_ptr<float>();
    float* to = out.mutable_data_ptr<float>();
    const int64_t count = out.numel();
    switch (n) {
      case 1:
        pass<1>(k.data(), p.data(), to, count);
        break;
      case 2:
        pass<2>(k.data(), p.data(), to, count);
        break;
      case 3:
        pass<3>(k.data(), p.data(), to, count);
        break;
      case 4:
        pass<4>(k.data(), p.data(), to, count);
        break;
      case 5:
        pass<5>(k.data(), p.data(), to, count);
        break;
      default:
        pass<6>(k.data(), p.data(), to, count);
        break;
    }
  }
}

/// Plugins may implement it for their device: terms and out as below, at most 16 terms. Where two copies of the host
/// are in one process, the first one's is for both.
c10::OperatorHandle combine_operator() {
  auto& dispatcher = c10::Dispatcher::singleton();
  if (const auto known = dispatcher.findSchema({"calotype::combine", ""})) return *known;
  static torch::Library library(torch::Library::FRAGMENT, "calotype", std::nullopt, __FILE__, __LINE__);
  library.def("combine(Tensor[] terms, float[] coefficients, Tensor(a!) out) -> ()");
  return dispatcher.findSchemaOrThrow("calotype::combine", "");
}

/// Whether a plugin brought a kernel of one pass for that GPU; if so it has done the work. ATen launches one for each
/// term.
bool on_gpu(const Coefficients& c, const Terms& terms, const at::Tensor& out) {
  constexpr size_t kMost = 16;
  static const auto combine = combine_operator();
  const auto is_dense = [&](const at::Tensor* t) { return t->is_contiguous() && t->sizes() == out.sizes(); };
  if (!out.is_cuda() || terms.size() > kMost || !is_dense(&out) || !std::all_of(terms.begin(), terms.end(), is_dense))
    return false;
  if (!combine.hasKernelForDispatchKey(c10::DispatchKey::CUDA)) return false;
  std::vector<at::Tensor> all;
  for (const at::Tensor* t : terms) all.push_back(*t);
  combine.typed<void(at::TensorList, at::ArrayRef<double>, const at::Tensor&)>().redispatch(
      c10::DispatchKeySet(c10::DispatchKey::CUDA), all, c, out);
  return true;
}

}  // namespace

void combine(std::span<const double> coefficients, std::span<const at::Tensor* const> terms, at::Tensor& out) {
  std::array<std::byte, 512> few;  // enough for 32 terms; more lie on the heap
  std::pmr::monotonic_buffer_resource memory(few.data(), few.size());
  Coefficients c(coefficients.begin(), coefficients.end(), &memory);
  Terms t(terms.begin(), terms.end(), &memory);
  merge(c, t);
  if (out.is_cpu()) {
    // a later pass must still find an aliased term as it was
    if (t.size() > 6)
      for (size_t i = 1; i < t.size(); ++i)
        if (t[i]->is_same(out)) std::swap(t[0], t[i]), std::swap(c[0], c[i]);
    return on_cpu(c, t, out);
  }
  if (on_gpu(c, t, out)) return;
  at::Tensor sum = at::mul(*t[0], c[0]);
  for (size_t i = 1; i < t.size(); ++i) sum.add_(*t[i], c[i]);
  out = sum;
}

}  // namespace calotype
