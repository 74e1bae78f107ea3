#pragma once
#include <calotype/thunk.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>
#include <utility>

namespace calotype {

class Latents;

/// A linear combination that is not computed yet: a1 * x1 + ... + aN * xN. Assigning it to Latents makes it one pass
/// over memory. It points to its latents, so it lives only within its own expression: used by a name it does not
/// compile. Where a coefficient is 0, the latents may be empty.
template <size_t N>
struct Combination {
  std::array<double, N> coefficients;
  std::array<const Latents*, N> terms;
};

/// An image in the making, as a value: arithmetic on it is a linear combination, computed by the host on the model's
/// device. Moving is free; `copy()` costs a pass. Belongs to the sampler's call and ends with it.
class Latents {
 public:
  Latents() = default;
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
  /// In place: what is assigned may name the target.
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

  Latents copy() const { return Combination<1>{{1.0}, {this}}; }
  explicit operator bool() const { return handle_ != nullptr; }
  const calotype_latents* handle() const { return handle_; }
  const calotype_sampler_host* host() const { return host_; }
  calotype_latents* release() { return std::exchange(handle_, nullptr); }

 private:
  /// Terms that occur twice become one, so a formula can stand as the paper has it and each of its latents is read
  /// once.
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
/// What a sum by a name comes to, whose latents may be gone: a text for its author.
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
