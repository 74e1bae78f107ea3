#pragma once
#include <cfenv>

namespace calotype {

/// While it lives, this thread computes as C starts it: rounding to nearest, denormal numbers kept, no traps. Then as
/// before.
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
