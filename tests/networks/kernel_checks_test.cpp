// What the kernels of cpu/ and cuda/ are not given. Each call is refused before a kernel runs, so that no GPU is needed
// to see it.
#include <ATen/ops/empty.h>
#include <calotype/error.h>
#include <doctest/doctest.h>

#include "networks/kernels/cpu_int8_rows.h"
#include "networks/kernels/cpu_ops.h"
#include "networks/kernels/cuda_latents.h"
#include "networks/kernels/cuda_ops.h"
#include "networks/ops/cpu_int8_convolution.h"
#include "networks/ops/cpu_linear.h"
#include "networks/ops/cuda_fp8.h"
#include "networks/ops/cuda_int8.h"

namespace {
using namespace calotype::networks;
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
  CHECK(group_norm(x, 32, right, right, numbers({1, 320})) ==
        "internal: cuda group norm: add: want [2,320], got [1,320]");
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
  CHECK(layer_norm(numbers({3, 0}), numbers({0}), numbers({0})) ==
        "internal: cuda layer norm: x: want channels, got 0");
  CHECK(layer_norm_of_sum(x, numbers({3, 4})) == "internal: cuda layer norm: onto: want [3,8], got [3,4]");
  CHECK(layer_norm_of_sum(x, elsewhere({3, 8})) ==
        "internal: cuda layer norm: onto: want a tensor on cpu, got one on meta");
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
  CHECK(denoised(numbers({4, 4, 8, 8}), {}) ==
        "internal: cuda denoised latents: output: want [2,4,8,8], got [4,4,8,8]");
  CHECK(denoised(numbers({2, 4, 8, 8}, at::kInt), {}) ==
        "internal: cuda denoised latents: output: want float32, bfloat16 or float16, got Int");
  CHECK(error_of([&] { cuda_scaled(numbers({2, 4, 8, 8}, at::kHalf), 1, 1, at::kHalf); }) ==
        "internal: cuda scaled latents: x: want float32, got float16");
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

TEST_CASE("cpu group norm: refuses other widths, types, groups and scales, and numbers with gaps") {
  const at::Tensor x = numbers({2, 320, 4, 4}), right = numbers({320}), scales = numbers({2, 32, 2});
  const auto norm = [&](const at::Tensor& weight, const at::Tensor& bias, const at::Tensor& by, const at::Tensor& add) {
    return error_of([&] { cpu_group_norm(x, by, weight, bias, true, add); });
  };
  CHECK(norm(right, right, scales, {}) == "nothing");
  CHECK(norm(numbers({64}), right, scales, {}) == "bad data: cpu group norm: weight: want [320], got [64]");
  CHECK(norm(right, {}, scales, {}) == "bad data: cpu group norm: bias: want [320], got none");
  CHECK(norm(right, numbers({320}, at::kBFloat16), scales, {}) ==
        "internal: cpu group norm: bias: want float32, got bfloat16");
  CHECK(norm(numbers({640}).slice(0, 0, 640, 2), right, scales, {}) ==
        "internal: cpu group norm: weight: want numbers without gaps, got strides of [2]");
  CHECK(norm(right, right, numbers({1, 32, 2}), {}) == "internal: cpu group norm: scales: want [2,32,2], got [1,32,2]");
  CHECK(norm(right, right, scales, numbers({2, 64})) == "internal: cpu group norm: add: want [2,320], got [2,64]");
  const auto of_groups = [&](const at::Tensor& of, int64_t groups) {
    return error_of([&] { cpu_group_scales(of, groups, 1e-5, {}); });
  };
  CHECK(of_groups(x, 33) == "bad data: cpu group norm: groups: want a divisor of 320 channels, got 33");
  CHECK(of_groups(numbers({320, 4, 4}), 32) == "internal: cpu group norm: x: want 4 dimensions, got [320,4,4]");
  CHECK(of_groups(numbers({2, 320, 4, 4}, at::kHalf), 32) ==
        "internal: cpu group norm: x: want float32 or bfloat16, got float16");
}

TEST_CASE("cpu layer norm: refuses weights of other widths and types, and no channels") {
  const auto norm = [](const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    return error_of([&] { cpu_layer_norm(x, weight, bias, 1e-5); });
  };
  const at::Tensor x = numbers({3, 8}), right = numbers({8});
  CHECK(norm(x, right, right) == "nothing");
  CHECK(norm(x, numbers({9}), right) == "bad data: cpu layer norm: weight: want [8], got [9]");
  CHECK(norm(x, right, numbers({8}, at::kBFloat16)) == "internal: cpu layer norm: bias: want float32, got bfloat16");
  CHECK(norm(numbers({3, 0}), numbers({0}), numbers({0})) == "internal: cpu layer norm: x: want channels, got 0");
}

TEST_CASE(
    "cpu attention: refuses keys and values of other sizes and types, and heads that do not divide the channels") {
  const at::Tensor q = numbers({2, 5, 32}), k = numbers({2, 7, 32});
  const auto attention = [&](const at::Tensor& keys, const at::Tensor& values, int64_t heads) {
    return error_of([&] { cpu_attention(q, keys, values, heads); });
  };
  CHECK(attention(k, k, 2) == "nothing");
  CHECK(attention(numbers({1, 7, 32}), k, 2) == "internal: cpu attention: k: want [2,7,32], got [1,7,32]");
  CHECK(attention(k, numbers({2, 6, 32}), 2) == "internal: cpu attention: v: want [2,7,32], got [2,6,32]");
  CHECK(attention(k, numbers({2, 7, 32}, at::kBFloat16), 2) ==
        "internal: cpu attention: v: want float32, got bfloat16");
  CHECK(attention(k, k, 3) == "bad data: cpu attention: heads: want a divisor of 32 channels, got 3");
}

TEST_CASE(
    "cpu products: refuse other inputs, biases and sums, in floating-point numbers and in int8, packed and in place") {
  const at::Tensor weight = numbers({6, 32}), x = numbers({3, 32});
  for (const bool gated : {false, true}) {
    const int64_t outputs = gated ? 3 : 6;
    const std::shared_ptr<const LinearWeight> layers[] = {
        cpu_weight({weight}, gated), cpu_weight_in_place({weight}, gated), cpu_int8_weight(weight, gated)};
    for (const auto& layer : layers) {
      CAPTURE(gated);
      const auto linear = [&](const at::Tensor& input, const at::Tensor& bias, const at::Tensor& onto) {
        return error_of([&] { layer->linear(input, bias, onto); });
      };
      CHECK(linear(x, numbers({6}), numbers({3, outputs})) == "nothing");
      CHECK(linear(numbers({3, 16}), {}, {}) == "internal: cpu product: x: want [3,32], got [3,16]");
      CHECK(linear(numbers({}), {}, {}) == "internal: cpu product: x: want at least 1 dimension, got []");
      CHECK(linear(x, numbers({5}), {}) == "bad data: cpu product: bias: want [6], got [5]");
      CHECK(linear(x, numbers({6}, at::kBFloat16), {}) == "internal: cpu product: bias: want float32, got bfloat16");
      CHECK(linear(x, {}, numbers({3, 7})) ==
            "internal: cpu product: onto: want [3," + std::to_string(outputs) + "], got [3,7]");
    }
  }
  CHECK(error_of([&] { cpu_weight({weight}, false)->linear(x.to(at::kBFloat16), {}, {}); }) ==
        "internal: cpu product: x: want float32, got bfloat16");
}

TEST_CASE("cpu products: refuse weights with nothing in them and an odd number of gated outputs") {
  CHECK(error_of([] { cpu_weight({numbers({5, 32})}, true); }) ==
        "bad data: cpu product: weight: want an even number of outputs and inputs, got [5,32]");
  CHECK(error_of([] { cpu_weight_in_place({numbers({0, 32})}, false); }) ==
        "bad data: cpu product: weight: want outputs and inputs, got [0,32]");
  CHECK(error_of([] { cpu_int8_weight(numbers({4, 0}), false); }) ==
        "bad data: cpu product: weight: want outputs and inputs, got [4,0]");
}

TEST_CASE("cpu int8 convolution: refuses other channels, biases and sums") {
  const CpuInt8Convolution convolution(numbers({16, 64, 3, 3}));
  const at::Tensor x = numbers({1, 64, 5, 5});
  const auto convolved = [&](const at::Tensor& input, const at::Tensor& bias, const at::Tensor& onto) {
    return error_of([&] { convolution(input, 1, 1, bias, onto); });
  };
  CHECK(convolved(x, numbers({16}), numbers({1, 16, 5, 5})) == "nothing");
  CHECK(convolved(numbers({1, 32, 5, 5}), {}, {}) ==
        "internal: cpu int8 convolution: x: want [1,64,5,5], got [1,32,5,5]");
  CHECK(convolved(x, numbers({64}), {}) == "bad data: cpu int8 convolution: bias: want [16], got [64]");
  CHECK(convolved(x, {}, numbers({1, 16, 5, 4})) ==
        "internal: cpu int8 convolution: onto: want [1,16,5,5], got [1,16,5,4]");
  CHECK(error_of([] { CpuInt8Convolution(numbers({16, 64, 3, 1})); }) ==
        "bad data: cpu int8 convolution: weight: want [16,64,3,3], got [16,64,3,1]");
}

TEST_CASE("cpu conversion: refuses numbers with gaps and types that it does not know") {
  CHECK(error_of([] { cpu_converted(numbers({4, 4}).t(), at::kHalf); }) ==
        "internal: cpu conversion: x: want numbers without gaps, got strides of [1,4]");
  CHECK(error_of([] { cpu_converted(numbers({4}), at::kInt); }) ==
        "internal: cpu conversion: result: want float32, bfloat16 or float16, got Int");
}
