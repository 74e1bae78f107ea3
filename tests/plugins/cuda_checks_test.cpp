// What the kernels for CUDA are not given: each call is refused before anything is queued, so that no GPU is needed to see
// it.
#include <ATen/ops/empty.h>
#include <calotype/error.h>
#include <doctest/doctest.h>

#include "cuda_fp8.h"
#include "cuda_int8.h"
#include "cuda_latents.h"
#include "cuda_ops.h"

namespace {
using namespace calotype::sdxl;
using calotype::ErrorCode;

at::Tensor numbers(at::IntArrayRef shape, at::ScalarType type = at::kFloat) {
  return at::empty(shape, type);
}
at::Tensor elsewhere(at::IntArrayRef shape) {
  return at::empty(shape, at::TensorOptions(at::kMeta));
}

/// "CODE: text"
template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const calotype::Error& e) {
    return (e.code() == ErrorCode::bad_data   ? "bad data: "
            : e.code() == ErrorCode::internal ? "internal: "
                                              : "other: ") +
           std::string(e.what());
  }
  return "nothing";
}

std::string group_norm(const at::Tensor& x, int64_t groups, const at::Tensor& weight, const at::Tensor& bias,
                       const at::Tensor& add = {}) {
  return error_of([&] { cuda_group_norm(x, groups, weight, bias, 1e-5, true, add); });
}
std::string layer_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return error_of([&] { cuda_layer_norm(x, weight, bias, 1e-5); });
}
std::string layer_norm_of_sum(const at::Tensor& x, const at::Tensor& onto) {
  return error_of([&] { cuda_layer_norm_of_sum(x, onto, numbers({8}), numbers({8}), 1e-5); });
}
std::string geglu(const at::Tensor& x, const at::Tensor& bias) {
  return error_of([&] { cuda_geglu(x, bias); });
}
std::string residual(const at::Tensor& x, const at::Tensor& bias, const at::Tensor& onto) {
  return error_of([&] { cuda_residual(x, bias, onto); });
}
}  // namespace

TEST_CASE("cuda group norm: refuses weights of other widths, and groups that do not divide the channels") {
  const at::Tensor x = numbers({2, 320, 4, 4}), right = numbers({320}), wrong = numbers({64});
  CHECK(group_norm(x, 32, wrong, right) == "bad data: cuda group norm: weight: want [320], got [64]");
  CHECK(group_norm(x, 32, right, numbers({320, 1})) == "bad data: cuda group norm: bias: want [320], got [320,1]");
  CHECK(group_norm(x, 32, {}, right) == "bad data: cuda group norm: weight: want [320], got none");
  CHECK(group_norm(x, 33, right, right) == "bad data: cuda group norm: groups: want a divisor of 320 channels, got 33");
  CHECK(group_norm(x, 0, right, right) == "bad data: cuda group norm: groups: want a divisor of 320 channels, got 0");
}

TEST_CASE("cuda group norm: refuses other dimensions, types, devices and what is added of another shape") {
  const at::Tensor x = numbers({2, 320, 4, 4}), right = numbers({320});
  CHECK(group_norm(numbers({320, 4, 4}), 32, right, right) ==
        "internal: cuda group norm: x: want 4 dimensions, got [320,4,4]");
  CHECK(group_norm({}, 32, right, right) == "internal: cuda group norm: x: want a tensor, got none");
  CHECK(group_norm(numbers({2, 0, 4, 4}), 32, right, right) == "internal: cuda group norm: x: want channels, got 0");
  CHECK(group_norm(x, 32, right, right, numbers({1, 320})) == "internal: cuda group norm: add: want [2,320], got [1,320]");
  CHECK(group_norm(x, 32, elsewhere({320}), right) ==
        "internal: cuda group norm: weight: want a tensor on cpu, got one on meta");
  CHECK(group_norm(numbers({2, 320, 4, 4}, at::kDouble), 32, right, right) ==
        "internal: cuda group norm: x: want float32, bfloat16 or float16, got Double");
}

TEST_CASE("cuda layer norm: refuses weights of other widths and a sum of two shapes") {
  const at::Tensor x = numbers({3, 8}), right = numbers({8});
  CHECK(layer_norm(x, numbers({9}), right) == "bad data: cuda layer norm: weight: want [8], got [9]");
  CHECK(layer_norm(x, right, numbers({1})) == "bad data: cuda layer norm: bias: want [8], got [1]");
  CHECK(layer_norm(numbers({}), right, right) == "internal: cuda layer norm: x: want at least 1 dimension, got []");
  CHECK(layer_norm(numbers({3, 0}), numbers({0}), numbers({0})) == "internal: cuda layer norm: x: want channels, got 0");
  CHECK(layer_norm_of_sum(x, numbers({3, 4})) == "internal: cuda layer norm: onto: want [3,8], got [3,4]");
  CHECK(layer_norm_of_sum(x, elsewhere({3, 8})) == "internal: cuda layer norm: onto: want a tensor on cpu, got one on meta");
}

TEST_CASE("cuda geglu: refuses an odd number of channels and a bias of another width") {
  CHECK(geglu(numbers({3, 7}), {}) == "internal: cuda geglu: x: want a multiple of 2 channels, got 7");
  CHECK(geglu(numbers({3, 8}), numbers({4})) == "bad data: cuda geglu: bias: want [8], got [4]");
}

TEST_CASE("cuda residual: refuses a bias of another width and a sum of two shapes") {
  const at::Tensor x = numbers({1, 4, 6, 6});
  CHECK(residual(x, numbers({6}), x) == "bad data: cuda residual: bias: want [4], got [6]");
  CHECK(residual(x, {}, numbers({1, 4, 6, 5})) == "internal: cuda residual: onto: want [1,4,6,6], got [1,4,6,5]");
  CHECK(residual(x, {}, {}) == "internal: cuda residual: onto: want [1,4,6,6], got none");
}

TEST_CASE("cuda latents: refuse other types and an output that is not of their shape") {
  const at::Tensor x = numbers({2, 4, 8, 8});
  const auto denoised = [&](const at::Tensor& output, std::optional<double> scale) {
    return error_of([&] { cuda_denoised(x, output, 1, 1, scale); });
  };
  CHECK(denoised(x, 7.0) == "internal: cuda denoised latents: output: want [4,4,8,8], got [2,4,8,8]");
  CHECK(denoised(numbers({4, 4, 8, 8}), {}) == "internal: cuda denoised latents: output: want [2,4,8,8], got [4,4,8,8]");
  CHECK(denoised(numbers({2, 4, 8, 8}, at::kInt), {}) ==
        "internal: cuda denoised latents: output: want float32, bfloat16 or float16, got Int");
  CHECK(error_of([&] {
          cuda_scaled(numbers({2, 4, 8, 8}, at::kHalf), 1, 1, at::kHalf);
        }) == "internal: cuda scaled latents: x: want float32, got float16");
  CHECK(error_of([&] { cuda_scaled(x, 1, 1, at::kInt); }) ==
        "internal: cuda scaled latents: result: want float32, bfloat16 or float16, got Int");
}

TEST_CASE("cuda fp8 rows: refuse what is no matrix") {
  CHECK(error_of([] { cuda_fp8_rows(numbers({3})); }) == "internal: cuda fp8 rows: x: want 2 dimensions, got [3]");
  CHECK(error_of([] { cuda_fp8_rows(numbers({3, 0})); }) == "internal: cuda fp8 rows: x: want channels, got 0");
}

TEST_CASE("cuda int8 rows: refuse what is no matrix") {
  CHECK(error_of([] { cuda_int8_rows(numbers({3})); }) == "internal: cuda int8 rows: x: want 2 dimensions, got [3]");
}
