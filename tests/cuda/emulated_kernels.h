#pragma once
#include <calotype/tensor.h>
#include <doctest/doctest.h>

#include <string>

#include "emulator/alone.h"
#include "guarded_tensor.h"

namespace calotype::test {

/// The kernels of plugins/networks/kernels/cuda compiled as C++: emulated_kernels.so of the build, or the file that
/// EMULATED_KERNELS names.
const emulator::Alone& emulated();

inline const networks::cuda::Library& kernels() {
  return emulated().kernels;
}

/// What the emulator found since the last call, a line each.
std::string findings();

/// Runs a kernel, which finds nothing.
template <class Call>
void run(int32_t (*kernel)(const Call*, void*), const Call& call) {
  REQUIRE(kernel(&call, nullptr) == 0);
  CHECK(findings() == "");
}

inline networks::cuda::NumberFormat format(at::ScalarType type) {
  using networks::cuda::NumberFormat;
  return type == at::kFloat  ? NumberFormat::kFloat32
         : type == at::kHalf ? NumberFormat::kFloat16
                             : NumberFormat::kBFloat16;
}

constexpr at::ScalarType kTypes[] = {at::kFloat, at::kBFloat16, at::kHalf};

/// Numbers of a normal distribution, `behind` of them before a page that is shut.
at::Tensor random(at::IntArrayRef shape, at::ScalarType type, double deviation = 1, double mean = 0,
                  int64_t behind = 0);
/// Behind the buffers, for starts that are aligned, where the numbers allow it, and such that are not.
constexpr int64_t kBehind[] = {0, 1};

inline at::Tensor exact(const at::Tensor& t) {
  return t.to(at::kDouble);
}
/// Null for an undefined tensor.
inline const void* in(const at::Tensor& t) {
  return t.defined() ? t.const_data_ptr() : nullptr;
}

/// Largest |got - want| in units of what is allowed: a rounding to the type of `got`, half a unit of `want`, and
/// `slack`.
double excess(const at::Tensor& got, const at::Tensor& want, double slack);

}  // namespace calotype::test
