#pragma once
#include <cfenv>

namespace calotype {

/// While this object lives, its thread computes in C's initial floating-point mode: rounding to nearest, denormal
/// numbers kept, no traps. Then the previous mode returns.
class FloatMode {
 public:
  FloatMode() {
    std::fegetenv(&before_);
    std::fesetenv(FE_DFL_ENV);
  }
  ~FloatMode() { std::fesetenv(&before_); }
  FloatMode(const FloatMode&) = delete;

 private:
  std::fenv_t before_;
};

}  // namespace calotype
