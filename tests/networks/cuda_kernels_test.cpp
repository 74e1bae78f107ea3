// The kernels of plugins/networks/kernels/cuda against ATen in float64 on the CPU.
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "engine/combine.h"
#include "networks/cuda_test.h"
#include "networks/kernels/cuda_byte_rows.h"
#include "networks/kernels/cuda_latents.h"
#include "networks/kernels/cuda_library.h"
#include "networks/kernels/cuda_ops.h"
#include "networks/model/classifier_free_guidance.h"
#include "networks/model/prediction.h"
#include "networks/ops/cuda_fp8.h"
#include "networks/ops/linear_weight_choice.h"
#include "networks/ops/weight_loading.h"

namespace {
using namespace cuda_test;

struct NormCase {
  std::vector<int64_t> shape;  // [N,C,H,W]
  int64_t groups;
};

double group_norm_excess(const NormCase& c, at::ScalarType type, double mean, bool silu, bool adds) {
  const int64_t images = c.shape[0], channels = c.shape[1];
  const at::Tensor x = random(c.shape, type, 2, mean), weight = random({channels}, type),
                   bias = random({channels}, type);
  const at::Tensor added = adds ? random({images, channels}, type) : at::Tensor();
  at::Tensor want = at::group_norm(adds ? x + added.unsqueeze(-1).unsqueeze(-1) : x, c.groups, weight, bias, 1e-5);
  if (silu) want = at::silu(want);
  const at::Tensor got =
      cuda_group_norm(on_gpu(x, type).contiguous(at::MemoryFormat::ChannelsLast), c.groups, on_gpu(weight, type),
                      on_gpu(bias, type), 1e-5, silu, adds ? on_gpu(added, type) : added);
  CHECK(got.is_contiguous(at::MemoryFormat::ChannelsLast));
  return excess(got, want, 2e-5 * (1 + std::abs(mean)));
}

}  // namespace

TEST_SUITE("gpu") {
  TEST_CASE("cuda group norm: equals ATen's in float64, for all widths of groups, tails and places") {
    const NormCase cases[] = {{{2, 320, 32, 32}, 32}, {{1, 640, 17, 9}, 32},  {{2, 1920, 5, 7}, 32},
                              {{1, 2560, 3, 3}, 32},  {{2, 128, 64, 65}, 32}, {{3, 6, 5, 5}, 3},
                              {{1, 33, 1, 1}, 11},    {{2, 48, 31, 2}, 1},    {{1, 64, 128, 130}, 32},
                              {{1, 8, 1, 3}, 2}};
    int call = 0;
    for (const NormCase& c : cases)
      for (const at::ScalarType type : kTypes)
        for (const bool silu : {false, true})
          for (const bool adds : {false, true}) {
            const int index = call++;
            if ((index + index / 4) % 2) continue;  // what is added, or not, with half of the shapes and types each
            CAPTURE(text(c.shape));
            CAPTURE(text(type));
            CAPTURE(silu);
            CAPTURE(adds);
            CHECK(group_norm_excess(c, type, 0.5, silu, adds) < 1);
          }
  }

  TEST_CASE("cuda group norm: a mean far from 0 costs no digits") {
    CHECK(group_norm_excess({{2, 320, 33, 31}, 32}, at::kFloat, 1000, false, false) < 1);
  }

  TEST_CASE("cuda group norm: takes other layouts and the part of a tensor that begins anywhere") {
    const at::Tensor all = random({2, 65, 6, 6}, at::kBFloat16), x = all.narrow(1, 1, 64),
                     one = at::ones({64}, at::kDouble);
    const at::Tensor part = on_gpu(all, at::kBFloat16).narrow(1, 1, 64);
    const at::Tensor got =
        cuda_group_norm(part, 32, on_gpu(one, at::kBFloat16), on_gpu(one, at::kBFloat16), 1e-5, false, {});
    CHECK(excess(got, at::group_norm(x, 32, one, one, 1e-5), 1e-4) < 1);
  }

  TEST_CASE("cuda group norm: gives the same bits each time") {
    const at::Tensor x = on_gpu(random({2, 640, 64, 64}, at::kHalf), at::kHalf), one = at::ones({640}, x.options());
    const auto once = [&] { return cuda_group_norm(x, 32, one, one, 1e-5, true, {}); };
    CHECK(once().equal(once()));
  }

  TEST_CASE("cuda layer norm: equals ATen's in float64, in registers, beyond them and with tails") {
    for (const at::ScalarType type : kTypes)
      for (const int64_t channels : {1, 7, 8, 64, 640, 768, 1000, 1024, 1032, 1280, 1536, 2048, 2056, 2050, 5121})
        for (const int64_t rows : {1, 77}) {
          CAPTURE(text(type));
          CAPTURE(channels);
          CAPTURE(rows);
          const at::Tensor x = random({2, rows, channels}, type, 2, 30), weight = random({channels}, type),
                           bias = random({channels}, type);
          const at::Tensor got = cuda_layer_norm(on_gpu(x, type), on_gpu(weight, type), on_gpu(bias, type), 1e-5);
          CHECK(excess(got, at::layer_norm(x, {channels}, weight, bias, 1e-5), 1e-4) < 1);
        }
  }

  TEST_CASE("cuda layer norm of a sum: writes the rounded sum and what layer norm makes of it") {
    for (const at::ScalarType type : kTypes)
      for (const int64_t channels : {5, 640, 1280, 2048, 3000, 3001}) {
        CAPTURE(text(type));
        CAPTURE(channels);
        const at::Tensor x = random({3, 11, channels}, type), onto = random({3, 11, channels}, type);
        const at::Tensor weight = random({channels}, type), bias = random({channels}, type);
        const auto [sum, normal] =
            cuda_layer_norm_of_sum(on_gpu(x, type), on_gpu(onto, type), on_gpu(weight, type), on_gpu(bias, type), 1e-5);
        CHECK(sum.equal(on_gpu(x, type) + on_gpu(onto, type)));
        CHECK(excess(normal, at::layer_norm(sum.to(at::kCPU, at::kDouble), {channels}, weight, bias, 1e-5), 1e-4) < 1);
      }
  }

  TEST_CASE("cuda geglu: equals a * gelu(b) in float64, with and without a bias") {
    for (const at::ScalarType type : kTypes)
      for (const int64_t channels : {1, 3, 8, 12, 2560, 5120, 5124})
        for (const bool biased : {false, true}) {
          CAPTURE(text(type));
          CAPTURE(channels);
          CAPTURE(biased);
          const at::Tensor x = random({2, 37, 2 * channels}, type, 3),
                           bias = biased ? random({2 * channels}, type) : at::Tensor();
          const auto halves = (biased ? x + bias : x).chunk(2, -1);
          const at::Tensor got = cuda_geglu(on_gpu(x, type), biased ? on_gpu(bias, type) : bias);
          CHECK(excess(got, halves[0] * at::gelu(halves[1]), 2e-5) < 1);
        }
  }

  TEST_CASE("cuda gated weight: equals the product and its gate in float64") {
    for (const at::ScalarType type : kTypes) {
      const at::Tensor x = random({2, 19, 64}, type), weight = random({2 * 40, 64}, type, 0.1),
                       bias = random({80}, type);
      const auto halves = at::linear(x, weight, bias).chunk(2, -1);
      const at::Tensor got = linear_weight({on_gpu(weight, type)}, calotype::Quantization::none, true)
                                 ->linear(on_gpu(x, type), on_gpu(bias, type), {});
      const double slack = type == at::kFloat  ? 5e-3
                           : type == at::kHalf ? 1e-2
                                               : 6e-2;  // the product is rounded; TF32 in float32
      CHECK(excess(got, halves[0] * at::gelu(halves[1]), slack) < 1);
    }
  }

  TEST_CASE("cuda residual: equals the sum in float64, in place, with and without a bias") {
    const std::vector<int64_t> shapes[] = {{2, 320, 16, 16}, {1, 4, 9, 9}, {1, 3, 5, 1}, {2, 1283, 2, 2}};
    for (const at::ScalarType type : kTypes)
      for (const auto& shape : shapes)
        for (const bool biased : {false, true}) {
          CAPTURE(text(type));
          CAPTURE(text(shape));
          CAPTURE(biased);
          const at::Tensor x = random(shape, type), onto = random(shape, type),
                           bias = biased ? random({shape[1]}, type) : at::Tensor();
          const at::Tensor want = x + onto + (biased ? bias.view({1, -1, 1, 1}) : at::zeros({1}, at::kDouble));
          const at::Tensor target = on_gpu(x, type).contiguous(at::MemoryFormat::ChannelsLast);
          const at::Tensor got = cuda_residual(target, biased ? on_gpu(bias, type) : bias, on_gpu(onto, type));
          CHECK(got.const_data_ptr() == target.const_data_ptr());
          CHECK(excess(got, want, 1e-6) < 1);
        }
  }

  TEST_CASE("cuda fp8 rows: the nearest in e4m3, of which the largest of a row is 448") {
    for (const at::ScalarType type : kTypes)
      for (const int64_t channels : {1, 8, 33, 640, 1280, 5120}) {
        CAPTURE(text(type));
        CAPTURE(channels);
        at::Tensor x = random({9, channels}, type, 3);
        x[4].zero_();
        const auto [rows, scales] = cuda_fp8_rows(on_gpu(x, type));
        const at::Tensor values = rows.cpu().to(at::kDouble), largest = values.abs().amax(-1);
        CHECK(largest[4].item<double>() == 0);
        CHECK(at::cat({largest.narrow(0, 0, 4), largest.narrow(0, 5, 4)}).eq(448).all().item<bool>());
        // half a unit of three bits of fraction, and below the normal numbers half of 2^-9
        const at::Tensor got = values * scales.cpu().to(at::kDouble);
        const at::Tensor allowed = x.abs() * 0x1.01p-4 + scales.cpu().to(at::kDouble) * 0x1p-10;
        CHECK((got - x).abs().le(allowed).all().item<bool>());
      }
  }

  TEST_CASE("cuda fp8 weight: equals the product of the rounded numbers, with bias and sum, gated or not") {
    const at::Tensor weight = random({160, 320}, at::kBFloat16, 0.1);
    if (!can_multiply_fp8(on_gpu(weight, at::kBFloat16)))
      return void(std::puts("cuda_kernels: SKIPPED on a GPU of compute capability below 8.9: cuda fp8 weight"));
    const auto rounded_rows = [](const at::Tensor& m) {
      const at::Tensor scale = m.to(at::kFloat).abs().amax(-1, true) / 448;
      return (m.to(at::kFloat) / scale).to(at::kFloat8_e4m3fn).to(at::kDouble) * scale;
    };
    for (const at::ScalarType type : kTypes)
      for (const int64_t count : {1, 7, 77, 300})
        for (const bool gated : {false, true}) {
          CAPTURE(text(type));
          CAPTURE(count);
          CAPTURE(gated);
          const at::Tensor x = random({2, count, 320}, at::kBFloat16), bias = random({160}, at::kBFloat16),
                           onto = random({2, count, gated ? 80 : 160}, at::kBFloat16);
          at::Tensor want = at::linear(rounded_rows(x), rounded_rows(weight), bias);
          if (gated) want = want.narrow(-1, 0, 80) * at::gelu(want.narrow(-1, 80, 80));
          const at::Tensor got = linear_weight({on_gpu(weight, type)}, calotype::Quantization::fp8, gated)
                                     ->linear(on_gpu(x, type), on_gpu(bias, type), on_gpu(onto, type));
          // a number at the middle of two of e4m3 may go to either side; a product that is off is off by its size
          const at::Tensor error = got.to(at::kCPU, at::kDouble) - (want + onto);
          CHECK(error.norm().item<double>() < 0.02 * want.norm().item<double>());
        }
  }

  TEST_CASE(
      "cuda int8 weight: gives the numbers of the CPU's, for many rows and few, with bias and sum, gated or not") {
    for (const at::ScalarType type : kTypes)
      for (const int64_t count : {1, 16, 17, 77})
        for (const bool gated : {false, true})
          for (const bool adds : {false, true}) {
            CAPTURE(text(type));
            CAPTURE(count);
            CAPTURE(gated);
            CAPTURE(adds);
            const at::Tensor x = random({2, count, 64}, type).to(type), weight = random({80, 64}, type, 0.1).to(type);
            const at::Tensor bias = adds ? random({80}, type).to(type) : at::Tensor(),
                             onto = adds ? random({2, count, gated ? 40 : 80}, type).to(type) : at::Tensor();
            const auto moved = [](const at::Tensor& t) { return t.defined() ? t.to(kCuda) : t; };
            const auto on_cpu = linear_weight({weight}, calotype::Quantization::int8, gated);
            const auto there = linear_weight({weight.to(kCuda)}, calotype::Quantization::int8, gated);
            const at::Tensor got = there->linear(moved(x), moved(bias), moved(onto));
            // both round once, and GELU of the CPU's is as exact as its type
            CHECK(excess(got, on_cpu->linear(x, bias, onto).to(at::kDouble), type == at::kFloat ? 1e-5 : 1e-3) < 2);
          }
  }

  TEST_CASE(
      "all fusions: a network gives the numbers of few, and the products read what norms and gates made for them") {
    using calotype::Quantization;
    const ModelLayout found = sdxl::find_diffusers_folder(data_folder() + "/tiny_sdxl/diffusers", "auto");
    for (const at::ScalarType type : kTypes)
      for (const Quantization how : {Quantization::none, Quantization::int8, Quantization::fp8}) {
        CAPTURE(text(type));
        CAPTURE(int(how));
        const Weights weights = load_weights(found.networks.unet, kCuda, type, "tiny").quantized(how);
        const Unet few(weights, found.unet, 128), all(weights.fusing_all(true), found.unet, 128);
        const Unet::Conditioning about = conditioning(few, 1);
        const at::Tensor x = on_gpu(at::randn({1, few.channels(), 16, 16}), type);
        const at::Tensor want = few(x, 7, about), got = all(x, 7, about);
        if (how != Quantization::int8) CHECK(got.equal(want));
        // int8's own end adds and rounds once, a norm adds what is rounded: the next bytes may be others
        const double part = type == at::kFloat ? 1e-4 : 2e-2;
        CHECK((got - want).to(at::kDouble).norm().item<double>() <= part * want.to(at::kDouble).norm().item<double>());
      }
  }

  TEST_CASE("cuda layers in bytes: give what they give of numbers") {
    for (const at::ScalarType type : kTypes)
      for (const auto how : {calotype::Quantization::int8, calotype::Quantization::fp8}) {
        CAPTURE(text(type));
        CAPTURE(int(how));
        const at::Tensor x = on_gpu(random({2, 19, 64}, type), type), wide = on_gpu(random({160, 64}, type, 0.1), type),
                         narrow = on_gpu(random({64, 80}, type, 0.1), type), bias = on_gpu(random({160}, type), type),
                         one = at::ones({64}, x.options()), zero = at::zeros({64}, x.options());
        const auto gated = linear_weight({wide}, how, true), back = linear_weight({narrow}, how, false);
        REQUIRE(gated->byte_type().has_value());
        REQUIRE(back->byte_type() == gated->byte_type());
        const auto [sum, normal] = cuda_layer_norm_bytes(x, x, one, zero, 1e-5, *gated->byte_type());
        CHECK(sum.equal(x + x));
        const at::Tensor numbers = cuda_layer_norm(sum, one, zero, 1e-5), want = gated->linear(numbers, bias, {});
        CHECK(gated->linear_of(normal, bias, {}).equal(want));
        CHECK(back->linear_of(gated->gated_bytes(normal, bias, *back->byte_type()), {}, x)
                  .equal(back->linear(want, {}, x)));
      }
  }

  TEST_CASE("cuda layers of numbers: do not take bytes") {
    const at::Tensor weight = at::ones({8, 8}, at::TensorOptions(kCuda).dtype(at::kFloat));
    const auto plain = linear_weight({weight}, calotype::Quantization::none, false);
    CHECK(!plain->byte_type());
    const ByteRows rows{weight.to(at::kChar), weight, at::kFloat};
    CHECK_THROWS_WITH_AS(plain->linear_of(rows, {}, {}), "linear layer: want one that reads bytes, got one of numbers",
                         calotype::Error);
  }

  TEST_CASE("cuda scaled latents: are the product, rounded once, as often as asked") {
    for (const at::ScalarType type : kTypes)
      for (const int64_t copies : {1, 2}) {
        const at::Tensor x = random({3, 4, 9, 15}, at::kFloat, 10), want = x * 0.137;
        const at::Tensor got = cuda_scaled(on_gpu(x, at::kFloat), 0.137, copies, type);
        CHECK(got.is_contiguous(at::MemoryFormat::ChannelsLast));
        for (const at::Tensor& part : got.chunk(copies)) CHECK(excess(part, want, 1e-6) < 1);
      }
  }

  TEST_CASE("cuda denoised: equals the guided formula in float64, whatever the layout of the output") {
    for (const at::ScalarType type : kTypes)
      for (const bool guide : {false, true})
        for (const Prediction prediction : {Prediction::epsilon, Prediction::v_prediction, Prediction::edm})
          for (const auto layout : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
            CAPTURE(text(type));
            CAPTURE(guide);
            const at::Tensor x = random({3, 4, 9, 15}, at::kFloat, 14),
                             output = random({guide ? 6 : 3, 4, 9, 15}, type);
            const at::Tensor one = guide ? guided(output.narrow(0, 0, 3), output.narrow(0, 3, 3), {7.5, 0}) : output;
            const auto [of_x, of_output] = clean_parts(11, prediction, 0.5);
            const at::Tensor got = cuda_denoised(on_gpu(x, at::kFloat), on_gpu(output, type).contiguous(layout), of_x,
                                                 of_output, guide ? std::optional(7.5) : std::nullopt);
            CHECK(got.is_contiguous());
            CHECK(excess(got, denoised(x, one, 11, prediction, 0.5), 1e-4) < 1);
          }
  }

  TEST_CASE("combine: on a GPU equals the sum in float64 with any number of terms, the target among them or not") {
    cuda_library();  // brings the operator
    for (size_t count = 1; count <= 18; ++count)
      for (size_t aliased = 0; aliased <= count; ++aliased) {
        CAPTURE(count);
        CAPTURE(aliased);
        std::vector<at::Tensor> terms;
        std::vector<double> c;
        at::Tensor want = at::zeros({2, 4, 5, 7}, at::kDouble);
        for (size_t i = 0; i < count; ++i) {
          const at::Tensor term = random({2, 4, 5, 7}, at::kFloat);
          terms.push_back(on_gpu(term, at::kFloat)), c.push_back(0.3 * double(i) - 1);
          want = want.add(term, c.back());
        }
        std::vector<const at::Tensor*> pointers;
        for (const at::Tensor& t : terms) pointers.push_back(&t);
        at::Tensor out = aliased < count ? terms[aliased] : at::empty_like(terms[0]);
        calotype::combine(c, pointers, out);
        CHECK(excess(out, want, 2e-5) < 1);
      }
    CHECK(c10::Dispatcher::singleton()
              .findSchemaOrThrow("calotype::combine", "")
              .hasKernelForDispatchKey(c10::DispatchKey::CUDA));
  }

  TEST_CASE("combine: on a GPU refuses terms of other shapes, types, layouts and devices") {
    cuda_library();  // brings the operator
    const at::Tensor out = at::zeros({2, 4}, at::TensorOptions(kCuda).dtype(at::kFloat));
    const auto error_with = [&](const at::Tensor& term, std::vector<double> c = {1}) -> std::string {
      const auto combine = c10::Dispatcher::singleton().findSchemaOrThrow("calotype::combine", "");
      try {
        combine.typed<void(at::TensorList, at::ArrayRef<double>, const at::Tensor&)>().redispatch(
            c10::DispatchKeySet(c10::DispatchKey::CUDA), {term}, c, out);
      } catch (const c10::Error& e) {
        return e.what_without_backtrace();
      }
      return "nothing";
    };
    CHECK(error_with(out) == "nothing");
    CHECK(error_with(out.narrow(0, 0, 1)) == "combine: a term: want [2, 4], got [1, 4]");
    CHECK(error_with(out.to(at::kHalf)) == "combine: a term: want float32, got Half");
    CHECK(error_with(out.cpu()) == "combine: a term: want a tensor on cuda:0, got one on cpu");
    CHECK(error_with(at::zeros({4, 2}, out.options()).t()) == "combine: a term: want it dense, got strides [1, 2]");
    CHECK(error_with(out, {1, 2}) == "combine: coefficients: want 1, got 2");
  }
}
