#pragma once
#include <functional>
#include <memory>

namespace calotype::networks {

/// A network that is built when it is asked for and can be let go again.
template <class T>
class OnDemand {
 public:
  using Make = std::function<std::unique_ptr<T>()>;
  explicit OnDemand(Make make) : make_(std::move(make)) {}

  T& get() {
    if (!value_) value_ = make_();
    return *value_;
  }
  /// Builds it to stay: the way to build it, and with it the files, are let go.
  T& settle() {
    get();
    make_ = nullptr;
    return *value_;
  }
  /// Not after settle().
  void drop() { value_.reset(); }
  bool is_there() const { return value_ != nullptr; }

 private:
  Make make_;
  std::unique_ptr<T> value_;
};

}  // namespace calotype::networks
