#pragma once
#include <calotype/thunk.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>
#include <utility>

namespace calotype {

class Latents;

/// A linear combination that is not computed yet: a1 * x1 + ... + aN * xN. Assign it to Latents to compute it in one
/// trip through memory. It points to its terms, so it is valid only within its own expression; a named Combination does
/// not compile. A term with coefficient 0 may be empty latents.
template <size_t N>
struct Combination {
  std::array<double, N> coefficients;
  std::array<const Latents*, N> terms;
};

/// Latents as a value. Arithmetic on them is a linear combination, which the host computes on the model's device. A
/// move is free; `copy()` takes a trip through memory. The sampler owns them; they must not outlive its call.
class Latents {
 public:
  /// Empty: no latents.
  Latents() = default;
  /// Takes ownership of a handle.
  Latents(const calotype_sampler_host* host, calotype_latents* handle) : host_(host), handle_(handle) {}
  Latents(Latents&& other) noexcept : host_(other.host_), handle_(std::exchange(other.handle_, nullptr)) {}
  Latents& operator=(Latents&& other) noexcept {
    std::swap(host_, other.host_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Latents() {
    if (handle_) host_->release(host_->context, handle_);
  }

  template <size_t N>
  Latents(Combination<N>&& sum) {
    assign(sum);
  }
  /// Computes in place; the sum may contain the target.
  template <size_t N>
  Latents& operator=(Combination<N>&& sum) {
    assign(sum);
    return *this;
  }
  template <size_t N>
  Latents(const Combination<N>& named) : Latents(term(named)) {}
  template <size_t N>
  Latents& operator=(const Combination<N>& named) {
    return *this = term(named);
  }

  /// New latents with the same values.
  Latents copy() const { return Combination<1>{{1.0}, {this}}; }
  /// False if empty.
  explicit operator bool() const { return handle_ != nullptr; }
  const calotype_latents* handle() const { return handle_; }
  const calotype_sampler_host* host() const { return host_; }
  /// Gives up ownership of the handle and becomes empty.
  calotype_latents* release() { return std::exchange(handle_, nullptr); }

 private:
  /// Adds up the coefficients of a term that occurs twice. So a formula can look as in its paper, and the host reads
  /// each of its latents once.
  template <size_t N>
  void assign(const Combination<N>& sum) {
    std::array<double, N> coefficients{};
    std::array<const calotype_latents*, N> handles{};
    size_t count = 0;
    for (size_t i = 0; i < N; ++i) {
      const auto* handle = sum.terms[i]->handle_;
      if (!handle && sum.coefficients[i] == 0) continue;
      if (!handle) throw std::logic_error("empty latents in a sum");
      const auto at =
          size_t(std::find(handles.begin(), handles.begin() + std::ptrdiff_t(count), handle) - handles.begin());
      if (at == count) handles[count++] = handle, host_ = sum.terms[i]->host_;
      coefficients[at] += sum.coefficients[i];
    }
    if (!count) throw std::logic_error("a sum of nothing but empty latents");
    if (host_->combine(host_->context, count, coefficients.data(), handles.data(), &handle_) != CALOTYPE_OK)
      throw Stopped{};
  }
  const calotype_sampler_host* host_ = nullptr;
  calotype_latents* handle_ = nullptr;
};

inline Combination<1> term(const Latents& x) {
  return {{1.0}, {&x}};
}
template <size_t N>
Combination<N>&& term(Combination<N>&& sum) {
  return std::move(sum);
}
/// Chosen for a named sum, whose terms may no longer exist: a compile error that explains it to the author.
template <size_t N>
Combination<N>&& term(const Combination<N>&) {
  static_assert(
      N == size_t(-1),
      "a sum of latents lives in its own expression only: write `const Latents d = ...`, not `const auto d = ...`");
}
template <class T>
concept Linear = requires(T&& x) { term(std::forward<T>(x)).coefficients; };

template <Linear T>
auto operator*(double c, T&& x) {
  auto sum = term(std::forward<T>(x));
  for (double& k : sum.coefficients) k *= c;
  return sum;
}
template <Linear T>
auto operator*(T&& x, double c) {
  return c * std::forward<T>(x);
}
template <Linear T>
auto operator/(T&& x, double c) {
  return (1 / c) * std::forward<T>(x);
}
template <Linear T>
auto operator-(T&& x) {
  return -1.0 * std::forward<T>(x);
}

template <Linear A, Linear B>
auto operator+(A&& a, B&& b) {
  const auto x = term(std::forward<A>(a));
  const auto y = term(std::forward<B>(b));
  constexpr size_t n = x.terms.size(), m = y.terms.size();
  Combination<n + m> sum;
  for (size_t i = 0; i < n; ++i) sum.coefficients[i] = x.coefficients[i], sum.terms[i] = x.terms[i];
  for (size_t i = 0; i < m; ++i) sum.coefficients[n + i] = y.coefficients[i], sum.terms[n + i] = y.terms[i];
  return sum;
}
template <Linear A, Linear B>
auto operator-(A&& a, B&& b) {
  return std::forward<A>(a) + -1.0 * std::forward<B>(b);
}

}  // namespace calotype
