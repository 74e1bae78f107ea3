// Every kernel of plugins/networks/kernels/cuda, compiled as C++, alone: against ATen in float64 and against the CPU's
// own operators, in buffers that end at pages that are shut, with blocks and threads in several drawn orders.
// STAND_IN_SEEDS: how many of these, else 2.
#define DOCTEST_CONFIG_IMPLEMENT
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/zeros.h>

#include <cstdio>
#include <cstdlib>

#include "emulated_kernels.h"
#include "guarded_tensor.h"
#include "networks/kernels/cpu_ops.h"

namespace {
using namespace calotype;
using namespace calotype::test;

// ---- GroupNorm

struct NormCase {
  int64_t images, channels, height, width, groups;
};

/// [N,H*W,C] as [N,C,H,W] in channels_last.
at::Tensor as_image(const at::Tensor& t, const NormCase& c) {
  return t.view({c.images, c.height, c.width, c.channels}).permute({0, 3, 1, 2});
}

at::Tensor group_norm(const at::Tensor& x, int64_t groups, const at::Tensor& weight, const at::Tensor& bias, bool silu,
                      const at::Tensor& added, int64_t behind) {
  const at::Tensor result = guarded_room(x.sizes(), x.scalar_type(), behind);
  networks::cuda::GroupNormCall call{.format = format(x.scalar_type()),
                                     .images = x.size(0),
                                     .places = x.size(1),
                                     .channels = x.size(2),
                                     .groups = groups,
                                     .epsilon = 1e-5,
                                     .silu = silu,
                                     .source = in(x),
                                     .added = in(added),
                                     .weight = in(weight),
                                     .bias = in(bias),
                                     .workspace = nullptr,
                                     .result = result.mutable_data_ptr()};
  const at::Tensor workspace = guarded_room({kernels().group_norm_workspace(&call)}, at::kFloat);
  call.workspace = workspace.mutable_data_ptr<float>();
  run(kernels().group_norm, call);
  return result;
}

at::Tensor float64_group_norm(const at::Tensor& image, int64_t groups, const at::Tensor& weight, const at::Tensor& bias,
                              bool silu, const at::Tensor& added) {
  const at::Tensor x = added.defined() ? exact(image) + exact(added).unsqueeze(-1).unsqueeze(-1) : exact(image);
  const at::Tensor normal = at::group_norm(x, groups, exact(weight), exact(bias), 1e-5);
  return silu ? at::silu(normal) : normal;
}

void check_group_norm(const NormCase& c, at::ScalarType type, bool silu, bool adds, int64_t behind) {
  const at::Tensor x = random({c.images, c.height * c.width, c.channels}, type, 2, 0.5, behind),
                   weight = random({c.channels}, type), bias = random({c.channels}, type),
                   added = adds ? random({c.images, c.channels}, type) : at::Tensor();
  const at::Tensor got = as_image(group_norm(x, c.groups, weight, bias, silu, added, behind), c),
                   image = as_image(x, c);
  CHECK(excess(got, float64_group_norm(image, c.groups, weight, bias, silu, added), 3e-5) < 1);
  if (!networks::has_cpu_kernels(image)) return;
  const at::Tensor scales = networks::cpu_group_scales(image, c.groups, 1e-5, added);
  CHECK(excess(got, networks::cpu_group_norm(image, scales, weight, bias, silu, added), 3e-5) < 2);
}

// ---- rows

struct Rows {
  at::Tensor sum, normal;
};

Rows layer_norm(const at::Tensor& x, const at::Tensor& onto, const at::Tensor& weight, const at::Tensor& bias,
                int64_t behind = 0) {
  const at::Tensor result = guarded_room(x.sizes(), x.scalar_type(), behind),
                   sum = onto.defined() ? guarded_room(x.sizes(), x.scalar_type(), behind) : at::Tensor();
  run(kernels().layer_norm, networks::cuda::LayerNormCall{.format = format(x.scalar_type()),
                                                          .rows = x.size(0),
                                                          .channels = x.size(1),
                                                          .epsilon = 1e-5,
                                                          .source = in(x),
                                                          .onto = in(onto),
                                                          .weight = in(weight),
                                                          .bias = in(bias),
                                                          .sum = sum.defined() ? sum.mutable_data_ptr() : nullptr,
                                                          .result = result.mutable_data_ptr()});
  return {sum, result};
}

at::Tensor float64_layer_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return at::layer_norm(exact(x), {x.size(1)}, exact(weight), exact(bias), 1e-5);
}

at::Tensor geglu(const at::Tensor& x, const at::Tensor& bias, int64_t behind = 0) {
  const at::Tensor result = guarded_room({x.size(0), x.size(1) / 2}, x.scalar_type(), behind);
  run(kernels().geglu, networks::cuda::GegluCall{.format = format(x.scalar_type()),
                                                 .rows = x.size(0),
                                                 .channels = x.size(1) / 2,
                                                 .source = in(x),
                                                 .bias = in(bias),
                                                 .result = result.mutable_data_ptr()});
  return result;
}

/// Where the kernel writes over x.
at::Tensor residual(const at::Tensor& x, const at::Tensor& onto, const at::Tensor& bias) {
  run(kernels().residual, networks::cuda::ResidualCall{.format = format(x.scalar_type()),
                                                       .rows = x.size(0),
                                                       .channels = x.size(1),
                                                       .source = in(x),
                                                       .onto = in(onto),
                                                       .bias = in(bias),
                                                       .result = x.mutable_data_ptr()});
  return x;
}
}  // namespace

TEST_CASE("emulated group norm: equals float64 and the CPU's, for all widths of groups, tails and starts") {
  const NormCase cases[] = {{2, 320, 16, 17, 32}, {1, 640, 17, 9, 32},  {2, 1920, 5, 7, 32},
                            {1, 2560, 3, 3, 32},  {2, 128, 31, 65, 32}, {3, 6, 5, 5, 3},
                            {1, 33, 1, 1, 11},    {2, 48, 31, 2, 1},    {1, 8, 1, 3, 2}};
  for (const NormCase& c : cases)
    for (const at::ScalarType type : kTypes)
      for (const bool changed : {false, true})
        for (const int64_t behind : kBehind) {
          CAPTURE(c.channels);
          CAPTURE(type);
          CAPTURE(changed);
          CAPTURE(behind);
          check_group_norm(c, type, changed, changed, behind);
        }
}

TEST_CASE("emulated group norm: a mean far from 0 costs no digits") {
  const NormCase c{2, 320, 33, 31, 32};
  const at::Tensor x = random({2, 33 * 31, 320}, at::kFloat, 2, 1000), weight = random({320}, at::kFloat),
                   bias = random({320}, at::kFloat);
  const at::Tensor got = as_image(group_norm(x, 32, weight, bias, false, {}, 0), c);
  CHECK(excess(got, float64_group_norm(as_image(x, c), 32, weight, bias, false, {}), 1e-3) < 1);
}

TEST_CASE("emulated group norm: an outlier costs no digits, wherever it is") {
  const NormCase c{1, 64, 64, 64, 32};
  const at::Tensor weight = random({64}, at::kFloat), bias = random({64}, at::kFloat);
  for (const int64_t place : {0, 1, 17, 4095}) {
    CAPTURE(place);
    const at::Tensor x = random({1, 64 * 64, 64}, at::kFloat);
    x.select(1, place).fill_(1000);
    const at::Tensor got = as_image(group_norm(x, 32, weight, bias, false, {}, 0), c);
    CHECK(excess(got, float64_group_norm(as_image(x, c), 32, weight, bias, false, {}), 2e-4) < 1);
  }
}

TEST_CASE("emulated norms: epsilon counts where there is little else") {
  const at::Tensor x = random({1, 60, 64}, at::kFloat, 1e-3), weight = random({64}, at::kFloat),
                   bias = random({64}, at::kFloat);
  const NormCase c{1, 64, 6, 10, 4};
  const at::Tensor got = as_image(group_norm(x, 4, weight, bias, false, {}, 0), c);
  CHECK(excess(got, float64_group_norm(as_image(x, c), 4, weight, bias, false, {}), 1e-5) < 1);
  CHECK(excess(layer_norm(x[0], {}, weight, bias).normal, float64_layer_norm(x[0], weight, bias), 1e-5) < 1);
}

TEST_CASE("emulated layer norm: equals float64 and the CPU's, in registers, beyond them, with tails and any start") {
  for (const at::ScalarType type : kTypes)
    for (const int64_t channels : {1, 7, 8, 64, 640, 768, 1000, 1024, 1032, 1280, 1536, 2048, 2056, 2050, 5121})
      for (const int64_t rows : {1, 6, 77})
        for (const int64_t behind : kBehind) {
          if (rows == 77 && behind) continue;
          CAPTURE(type);
          CAPTURE(channels);
          CAPTURE(rows);
          CAPTURE(behind);
          const at::Tensor x = random({rows, channels}, type, 2, 30, behind), weight = random({channels}, type),
                           bias = random({channels}, type);
          const at::Tensor got = layer_norm(x, {}, weight, bias, behind).normal;
          CHECK(excess(got, float64_layer_norm(x, weight, bias), 1e-4) < 1);
          if (networks::has_cpu_kernels(x))
            CHECK(excess(got, networks::cpu_layer_norm(x, weight, bias, 1e-5), 1e-4) < 2);
        }
}

TEST_CASE("emulated layer norm of a sum: writes the rounded sum and what layer norm makes of it") {
  for (const at::ScalarType type : kTypes)
    for (const int64_t channels : {5, 640, 1280, 2048, 3000, 3001})
      for (const int64_t behind : kBehind) {
        CAPTURE(type);
        CAPTURE(channels);
        CAPTURE(behind);
        const at::Tensor x = random({6, channels}, type, 2, 30, behind), onto = random({6, channels}, type),
                         weight = random({channels}, type), bias = random({channels}, type);
        const auto [sum, normal] = layer_norm(x, onto, weight, bias, behind);
        CHECK(sum.equal(x + onto));
        CHECK(excess(normal, float64_layer_norm(sum, weight, bias), 1e-4) < 1);
      }
}

TEST_CASE("emulated geglu: equals a * gelu(b) in float64, with and without a bias") {
  for (const at::ScalarType type : kTypes)
    for (const int64_t channels : {1, 3, 8, 12, 2560, 5124})
      for (const bool biased : {false, true})
        for (const int64_t behind : kBehind) {
          CAPTURE(type);
          CAPTURE(channels);
          CAPTURE(biased);
          CAPTURE(behind);
          const at::Tensor x = random({37, 2 * channels}, type, 3, 0, behind),
                           bias = biased ? random({2 * channels}, type) : at::Tensor();
          const auto halves = (biased ? exact(x) + exact(bias) : exact(x)).chunk(2, -1);
          CHECK(excess(geglu(x, bias, behind), halves[0] * at::gelu(halves[1]), 2e-5) < 1);
        }
}

TEST_CASE("emulated residual: equals the sum in float64, in place, with and without a bias") {
  for (const at::ScalarType type : kTypes)
    for (const int64_t channels : {1, 3, 8, 12, 1283, 2560})
      for (const bool biased : {false, true})
        for (const int64_t behind : kBehind) {
          CAPTURE(type);
          CAPTURE(channels);
          CAPTURE(biased);
          CAPTURE(behind);
          const at::Tensor x = random({37, channels}, type, 1, 0, behind), onto = random({37, channels}, type),
                           bias = biased ? random({channels}, type) : at::Tensor();
          const at::Tensor sum = exact(x) + exact(onto), want = biased ? sum + exact(bias) : sum;
          CHECK(excess(residual(x, onto, bias), want, 1e-6) < 1);
        }
}

TEST_CASE("emulated scaled latents: each copy is what is shown to the network, channels last") {
  for (const at::ScalarType type : kTypes)
    for (const int copies : {1, 2}) {
      CAPTURE(type);
      CAPTURE(copies);
      const at::Tensor x = random({3, 4, 135}, at::kFloat, 10), result = guarded_room({copies * 3, 135, 4}, type);
      run(kernels().scaled, networks::cuda::ScaledCall{.format = format(type),
                                                       .images = 3,
                                                       .places = 135,
                                                       .channels = 4,
                                                       .copies = copies,
                                                       .factor = 0.137f,
                                                       .source = x.const_data_ptr<float>(),
                                                       .result = result.mutable_data_ptr()});
      for (const at::Tensor& copy : result.chunk(copies))
        CHECK(excess(copy, exact(x).mul(0.137f).transpose(1, 2), 1e-6) < 1);
    }
}

TEST_CASE("emulated denoised latents: equal float64, with and without guidance, in place") {
  for (const at::ScalarType type : kTypes)
    for (const bool guided : {false, true}) {
      CAPTURE(type);
      CAPTURE(guided);
      const at::Tensor x = random({3, 4, 135}, at::kFloat, 10), output = random({guided ? 6 : 3, 135, 4}, type, 2);
      const auto parts = exact(output).transpose(1, 2).chunk(guided ? 2 : 1);
      const at::Tensor guidance = guided ? parts[0] + (parts[1] - parts[0]) * 7.5 : parts[0],
                       want = exact(x) * 0.75 + guidance * -3.5;
      run(kernels().denoised, networks::cuda::DenoisedCall{.format = format(type),
                                                           .images = 3,
                                                           .places = 135,
                                                           .channels = 4,
                                                           .of_x = 0.75f,
                                                           .of_output = -3.5f,
                                                           .guidance_scale = 7.5f,
                                                           .is_guided = guided,
                                                           .x = x.const_data_ptr<float>(),
                                                           .output = in(output),
                                                           .result = x.mutable_data_ptr<float>()});
      CHECK(excess(x, want, 3e-5) < 1);
    }
}

TEST_CASE("emulated combine: the sum of 1 to 16 terms, in place of the last") {
  for (int count = 1; count <= networks::cuda::kMostTerms; ++count) {
    CAPTURE(count);
    std::vector<at::Tensor> terms;
    networks::cuda::CombineCall call{
        .count = 281, .term_count = count, .terms = {}, .coefficients = {}, .result = nullptr};
    at::Tensor want = at::zeros({281}, at::kDouble);
    for (int i = 0; i < count; ++i) {
      terms.push_back(random({281}, at::kFloat));
      call.terms[i] = terms.back().const_data_ptr<float>();
      call.coefficients[i] = 0.25f * float(i) - 1;
      want = want + exact(terms.back()) * (0.25 * i - 1);
    }
    call.result = terms.back().mutable_data_ptr<float>();
    run(kernels().combine, call);
    CHECK(excess(terms.back(), want, 2e-5) < 1);
  }
}

TEST_CASE("emulated kernels: the same bits in any order of blocks and threads") {
  const at::Tensor x = random({2, 300, 64}, at::kFloat), weight = random({64}, at::kFloat),
                   bias = random({64}, at::kFloat);
  const at::Tensor rows = random({40, 2056}, at::kFloat), weights = random({2056}, at::kFloat);
  const at::Tensor want = group_norm(x, 4, weight, bias, true, {}, 0),
                   normal = layer_norm(rows, rows, weights, weights).normal;
  for (uint64_t seed = 100; seed < 110; ++seed) {
    emulated().set_seed(seed);
    CHECK(group_norm(x, 4, weight, bias, true, {}, 0).equal(want));
    CHECK(layer_norm(rows, rows, weights, weights).normal.equal(normal));
  }
}

TEST_CASE("emulated kernels: nothing to do is done") {
  const networks::cuda::Library& all = kernels();
  run(all.group_norm, networks::cuda::GroupNormCall{});
  run(all.layer_norm, networks::cuda::LayerNormCall{});
  run(all.geglu, networks::cuda::GegluCall{});
  run(all.residual, networks::cuda::ResidualCall{});
  run(all.combine, networks::cuda::CombineCall{});
  run(all.scaled, networks::cuda::ScaledCall{});
  run(all.denoised, networks::cuda::DenoisedCall{});
  run(all.fp8_rows, networks::cuda::ByteRowsCall{});
  run(all.int8_rows, networks::cuda::ByteRowsCall{});
  run(all.int8_end, networks::cuda::Int8EndCall{});
  run(all.layer_norm_bytes, networks::cuda::LayerNormBytesCall{});
  run(all.geglu_bytes, networks::cuda::GegluBytesCall{});
  run(all.int8_end_bytes, networks::cuda::Int8EndBytesCall{});
}

int main(int argc, char** argv) {
  const at::NoGradGuard no_grad;
  const char* wanted = std::getenv("STAND_IN_SEEDS");
  const int seeds = wanted ? std::atoi(wanted) : 2;
  int failed = 0;
  for (int seed = 1; seed <= seeds; ++seed) {
    emulated().set_seed(uint64_t(seed));
    if (doctest::Context(argc, argv).run())
      ++failed, std::printf("emulated_kernels: failed with blocks and threads in the order of seed %d\n", seed);
  }
  return failed > 0;
}
