// Times what a step on a GPU is made of, each alone, at SDXL's sizes for 1024 x 1024 with guidance:
//
//   bench_cuda [--small] [word ...]   only lines that contain all words, as gemm, convolution, norm, attention, linear;
//   --small: to
//                                     see that all of it runs, in a moment
//
// Prints a line of JSON for each: its milliseconds, and by them TFLOP/s or GB/s (what must be read and written once);
// for linear layers in fewer bits also how far the result is from float32's, as a ratio of powers in dB.
#include <ATen/DeviceAccelerator.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "device/device.h"
#include "networks/kernels/cuda_ops.h"
#include "networks/ops/attention_choice.h"
#include "networks/ops/linear_weight_choice.h"

namespace {
using namespace calotype;
using namespace calotype::networks;

bool small = false, failed = false;
std::vector<std::string> words;
at::Device device(at::kCPU);

/// A size, or what is left of it where only to run counts: still a multiple of 32.
int64_t scaled(int64_t size) {
  return small ? std::max<int64_t>(size / 32 / 32 * 32, 32) : size;
}

at::Tensor random(at::IntArrayRef shape, at::ScalarType type = at::kBFloat16) {
  return at::randn(shape, at::TensorOptions(device).dtype(at::kFloat)).to(type);
}

at::Tensor images(int64_t count, int64_t channels, int64_t size) {
  return random({count, channels, scaled(size), scaled(size)}).contiguous(at::MemoryFormat::ChannelsLast);
}

/// Milliseconds of one run on the GPU: the median of five rounds, each long enough to be measured.
double milliseconds(const std::function<void()>& run) {
  const c10::Stream stream = c10::impl::VirtualGuardImpl(device.type()).getStream(device);
  const auto time_of = [&](int runs) {
    c10::Event start(device.type(), c10::EventFlag::BACKEND_DEFAULT),
        end(device.type(), c10::EventFlag::BACKEND_DEFAULT);
    start.record(stream);
    for (int i = 0; i < runs; ++i) run();
    end.record(stream);
    end.synchronize();
    return start.elapsedTime(end) / runs;
  };
  run();
  const double once = time_of(1);
  if (small) return once;
  const int runs = std::clamp(int(20 / std::max(once, 1e-3)), 3, 1000);
  std::vector<double> rounds;
  for (int i = 0; i < 5; ++i) rounds.push_back(time_of(runs));
  std::sort(rounds.begin(), rounds.end());
  return rounds[rounds.size() / 2];
}

struct Work {
  double flops = 0, bytes = 0;
};

/// What of libtorch's errors is for users, fit for JSON.
std::string first_words(const std::exception& e) {
  const std::string text = e.what();
  return text.substr(0, text.find_first_of("\n\"\\"));
}

void report(const std::string& name, const std::exception& e) {
  failed = true;
  std::printf("{\"name\": \"%s\", \"error\": \"%s\"}\n", name.c_str(), first_words(e).c_str());
}

/// Times `run` where the words ask for it. `more` is called afterwards: more members of the JSON object, or "".
void measure(const std::string& name, Work work, const std::function<void()>& run,
             const std::function<std::string()>& more = {}) {
  const auto has = [&](const std::string& word) { return name.find(word) != std::string::npos; };
  if (!words.empty() && std::none_of(words.begin(), words.end(), has)) return;
  try {
    const double ms = milliseconds(run);
    const std::string added = more ? more() : "";
    std::printf("{\"name\": \"%s\", \"ms\": %.5g", name.c_str(), ms);
    if (work.flops) std::printf(", \"tflops\": %.4g", work.flops / ms * 1e-9);
    if (work.bytes) std::printf(", \"gbs\": %.4g", work.bytes / ms * 1e-6);
    std::printf("%s}\n", added.c_str());
  } catch (const std::exception& e) {
    report(name, e);
  }
  std::fflush(stdout);
}

double size_of(const at::Tensor& t) {
  return double(t.numel()) * double(t.element_size());
}

/// The rate that no product can pass.
void gemm() {
  for (const int64_t n : {4096, 8192}) {
    const at::Tensor a = random({scaled(n), scaled(n)}), b = random({scaled(n), scaled(n)});
    measure("gemm bfloat16 " + std::to_string(n), {2 * std::pow(double(scaled(n)), 3), 0}, [&] { at::linear(a, b); });
  }
}

struct ConvolutionCase {
  const char* name;
  int64_t images, inputs, outputs, size;
};

void convolutions() {
  constexpr ConvolutionCase kCases[] = {
      {"320 to 320 at 128", 2, 320, 320, 128},         {"960 to 320 at 128", 2, 960, 320, 128},
      {"640 to 640 at 64", 2, 640, 640, 64},           {"1920 to 640 at 64", 2, 1920, 640, 64},
      {"1280 to 1280 at 32", 2, 1280, 1280, 32},       {"2560 to 1280 at 32", 2, 2560, 1280, 32},
      {"decoder 512 to 512 at 512", 1, 512, 512, 512}, {"decoder 256 to 128 at 1024", 1, 256, 128, 1024}};
  for (const ConvolutionCase& c : kCases) {
    const at::Tensor x = images(c.images, scaled(c.inputs), c.size);
    const at::Tensor weight =
        random({scaled(c.outputs), scaled(c.inputs), 3, 3}).contiguous(at::MemoryFormat::ChannelsLast);
    const double flops = 2.0 * 9 * double(x.numel()) * double(scaled(c.outputs));
    measure(std::string("convolution bfloat16 ") + c.name, {flops, 0},
            [&] { at::conv2d(x, weight, {}, {1, 1}, {1, 1}); });
  }
}

/// What only moves memory: our kernels.
void moves() {
  for (const auto& [count, channels, size] :
       {std::tuple(2, 320, 128), std::tuple(2, 960, 128), std::tuple(2, 640, 64), std::tuple(2, 1280, 32),
        std::tuple(1, 512, 512), std::tuple(1, 128, 1024)}) {
    const std::string shape = std::to_string(channels) + " at " + std::to_string(size);
    const int64_t groups = 16, wide = scaled(channels);
    const at::Tensor x = images(count, wide, size), y = images(count, wide, size), one = random({wide}),
                     added = random({count, wide});
    measure("norm group " + shape, {0, 2 * size_of(x)},
            [&] { cuda_group_norm(x, groups, one, one, 1e-5, true, added); });
    measure("residual " + shape, {0, 3 * size_of(x)}, [&] { cuda_residual(x, one, y); });
  }
  for (const auto& [rows, channels] : {std::pair(4096, 640), std::pair(1024, 1280)}) {
    const std::string shape = std::to_string(rows) + " x " + std::to_string(channels);
    const int64_t wide = scaled(channels);
    const at::Tensor x = random({2, scaled(rows), wide}), onto = random({2, scaled(rows), wide}), one = random({wide});
    const at::Tensor both = random({2, scaled(rows), 8 * wide}), bias = random({8 * wide});
    measure("norm layer " + shape, {0, 2 * size_of(x)}, [&] { cuda_layer_norm(x, one, one, 1e-5); });
    measure("norm layer of a sum " + shape, {0, 4 * size_of(x)},
            [&] { cuda_layer_norm_of_sum(x, onto, one, one, 1e-5); });
    measure("geglu " + shape, {0, 1.5 * size_of(both)}, [&] { cuda_geglu(both, bias); });
  }
}

/// Attention among an image's tokens and to a text of 77, by libtorch's rule and by what was measured to be the
/// fastest.
void attention() {
  for (const auto& [tokens, heads] : {std::pair(4096, 10), std::pair(1024, 20)})
    for (const int64_t keys : {int64_t(tokens), int64_t(77)}) {
      const int64_t queries = scaled(tokens), others = keys == 77 ? 77 : queries;
      const at::Tensor q = random({2, heads, queries, 64}), k = random({2, heads, others, 64}),
                       v = random({2, heads, others, 64});
      const std::string shape = std::to_string(tokens) + " to " + std::to_string(keys);
      const double flops = 4.0 * double(q.numel()) * double(others);
      measure("attention fixed " + shape, {flops, 0}, [&] { at::scaled_dot_product_attention(q, k, v); });
      AttentionChoice choice;
      measure("attention measured " + shape, {flops, 0}, [&] { choice(q, k, v); });
    }
}

double decibels(const at::Tensor& got, const at::Tensor& want) {
  const double power = want.square().sum().item<double>(),
               error = (got.to(at::kFloat) - want).square().sum().item<double>();
  return 10 * std::log10(power / std::max(error, 1e-30));
}

struct LinearCase {
  const char* name;
  int64_t rows, inputs, outputs;
  bool gated;
};

/// The linear layers of the denoising network, in each way to keep them.
void linears() {
  constexpr LinearCase kCases[] = {{"640 qkv", 8192, 640, 1920, false},     {"640 out", 8192, 640, 640, false},
                                   {"640 gated", 8192, 640, 5120, true},    {"640 narrowing", 8192, 2560, 640, false},
                                   {"1280 qkv", 2048, 1280, 3840, false},   {"1280 out", 2048, 1280, 1280, false},
                                   {"1280 gated", 2048, 1280, 10240, true}, {"1280 narrowing", 2048, 5120, 1280, false},
                                   {"text keys", 154, 2048, 2560, false}};
  const std::pair<const char*, Quantization> kWays[] = {{"bfloat16", Quantization::none},
                                                        {"fp8", Quantization::fp8},
                                                        {"int8", Quantization::int8},
                                                        {"nf4", Quantization::nf4}};
  for (const LinearCase& c : kCases) {
    const int64_t rows = scaled(c.rows), inputs = scaled(c.inputs), outputs = scaled(c.outputs);
    const at::Tensor x = random({rows, inputs}), bias = random({outputs});
    const at::Tensor weight = (random({outputs, inputs}, at::kFloat) / std::sqrt(double(inputs))).to(at::kBFloat16);
    const at::Tensor want = linear_weight({weight.to(at::kFloat)}, Quantization::none, c.gated)
                                ->linear(x.to(at::kFloat), bias.to(at::kFloat), {});
    for (const auto& [way, how] : kWays) {
      const auto layer = linear_weight({weight}, how, c.gated);
      measure(
          std::string("linear ") + way + " " + c.name, {2.0 * double(rows) * double(inputs) * double(outputs), 0},
          [&] { layer->linear(x, bias, {}); },
          [&] {
            char text[32];
            std::snprintf(text, sizeof text, ", \"db\": %.1f", decibels(layer->linear(x, bias, {}), want));
            return std::string(text);
          });
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) == "--small")
      small = true;
    else
      words.push_back(argv[i]);
  }
  const at::NoGradGuard no_grad;
  try {
    device = choose_placement("cuda", Dtype::bfloat16).device;
    if (!has_cuda_kernels(at::ones({1}, device))) throw std::runtime_error("built without CALOTYPE_CUDA_KERNELS");
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench_cuda: %s\n", e.what());
    return 69;
  }
  const std::pair<const char*, void (*)()> parts[] = {
      {"gemm", gemm}, {"convolution", convolutions}, {"moves", moves}, {"attention", attention}, {"linear", linears}};
  for (const auto& [name, part] : parts) try {
      part();
    } catch (const std::exception& e) {
      report(name, e);
    }
  return failed;
}
