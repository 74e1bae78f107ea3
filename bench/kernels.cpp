// Times the kernels of plugins/networks/kernels/cpu on one thread: the best of many runs, in seconds of CPU time.
//
//   bench_kernels [word ...]    only lines that contain all words, as attention, bf16 or f32; with avx2 or portable
//                               those instruction sets instead of the best one
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "networks/kernels/cpu/attention.h"
#include "networks/kernels/cpu/convert.h"
#include "networks/kernels/cpu/group_norm.h"
#include "networks/kernels/cpu/int8_convolution.h"
#include "networks/kernels/cpu/layer_norm.h"
#include "networks/kernels/cpu/linear.h"

namespace {
using namespace calotype::networks::cpu;

double seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return double(now.tv_sec) + double(now.tv_nsec) * 1e-9;
}

std::vector<std::string> words;

/// Prints one line: how long a run takes, and `work` (in 10^9 of a unit) by that.
void measure(const std::string& name, double work, const char* unit, const std::function<void()>& run) {
  for (const std::string& word : words)
    if (name.find(word) == std::string::npos) return;
  run();
  double best = 1e9;
  for (const double end = seconds() + 0.3; seconds() < end;) {
    const double start = seconds();
    run();
    best = std::min(best, seconds() - start);
  }
  std::printf("%-58s %9.3f ms %7.1f %s\n", name.c_str(), best * 1e3, work / best, unit);
  std::fflush(stdout);
}

/// Numbers of a normal distribution. Those of 16 bits are bfloat16 that are cut off.
template <class T>
std::vector<T> random(int64_t count) {
  std::mt19937 generator(1);
  std::normal_distribution<float> normal;
  std::vector<T> numbers(count);
  for (T& x : numbers) {
    const float number = normal(generator);
    if constexpr (sizeof(T) == 4)
      x = number;
    else
      x = uint16_t(std::bit_cast<uint32_t>(number) >> 16);
  }
  return numbers;
}

/// The first word that is aligned to 64 bytes.
uint32_t* aligned(std::vector<uint32_t>& words) {
  return words.data() + (64 - uintptr_t(words.data()) % 64) % 64 / 4;
}

/// "attention bf16 avx512 ".
template <class T>
std::string named(const char* kernel, InstructionSet set) {
  return std::string(kernel) + (sizeof(T) == 4 ? " f32 " : " bf16 ") + name_of(set) + " ";
}

template <class T>
void attention(InstructionSet set, int64_t heads, int64_t queries, int64_t keys, int64_t width = 64) {
  const AttentionShape shape{2, heads, queries, keys, width, 1 / std::sqrt(float(width))};
  const int64_t row = heads * width;
  const auto q = random<T>(2 * queries * row), k = random<T>(2 * keys * row), v = k;
  std::vector<T> out(q.size());
  std::vector<uint32_t> words(attention_packed_words<T>(shape, set) + 16);
  uint32_t* packed = aligned(words);
  measure(named<T>("attention", set) + "2 x " + std::to_string(heads) + " heads of " + std::to_string(width) + ", " +
              std::to_string(queries) + " x " + std::to_string(keys),
          8e-9 * double(row * queries * keys), "GFLOP/s", [&] {
            for (int64_t head = 0; head < 2 * heads; ++head) {
              attention_pack<T>(shape, {k.data(), keys * row, row}, {v.data(), keys * row, row}, packed, head, set);
              calotype::networks::cpu::attention<T>(shape, {q.data(), queries * row, row}, packed,
                                                    {out.data(), queries * row, row}, head, 0, queries, set);
            }
          });
}

template <class T>
void group_norm(InstructionSet set, int64_t images, int64_t side, int64_t channels) {
  const GroupNormShape shape{images, side * side, channels, 32};
  const auto x = random<T>(images * side * side * channels), weight = random<T>(channels);
  const GroupNormOptions<T> options{weight.data(), weight.data(), true};
  const int64_t parts = images * group_norm_parts(shape);
  std::vector<T> y(x.size());
  std::vector<GroupMoments> moments(parts * shape.groups);
  std::vector<GroupScale> scales(images * shape.groups);
  const std::string size =
      std::to_string(images) + " x " + std::to_string(channels) + " x " + std::to_string(side) + "^2";
  const double bytes = 1e-9 * double(x.size() * sizeof(T));
  measure(named<T>("group_norm moments", set) + size, bytes, "GB/s read",
          [&] { group_norm_moments(shape, options, x.data(), moments.data(), 0, parts, set); });
  measure(named<T>("group_norm + silu, both passes", set) + size, 2 * bytes, "GB/s in and out", [&] {
    group_norm_moments(shape, options, x.data(), moments.data(), 0, parts, set);
    group_norm_scales(shape, 1e-5, moments.data(), scales.data());
    calotype::networks::cpu::group_norm(shape, options, x.data(), scales.data(), y.data(), 0, parts, set);
  });
}

template <class T>
void rows(InstructionSet set, int64_t count, int64_t channels) {
  const auto x = random<T>(count * channels), weight = random<T>(channels);
  std::vector<T> y(x.size());
  const LayerNormOptions<T> options{channels, weight.data(), weight.data(), 1e-5};
  const std::string size = std::to_string(count) + " x " + std::to_string(channels);
  const double bytes = 1e-9 * double(x.size() * sizeof(T));
  measure(named<T>("layer_norm", set) + size, 2 * bytes, "GB/s in and out",
          [&] { layer_norm(options, x.data(), y.data(), 0, count, set); });
}

void conversions(InstructionSet set, int64_t count) {
  using enum NumberFormat;
  const std::pair<NumberFormat, const char*> formats[] = {{kFloat32, "f32"}, {kFloat16, "f16"}, {kBFloat16, "bf16"}};
  const auto x = random<float>(count);
  std::vector<float> stored(x.size()), y(x.size());
  for (const auto& [from, from_name] : formats) {
    convert(kFloat32, x.data(), from, stored.data(), count);
    for (const auto& [to, to_name] : formats) {
      if (from == to) continue;
      const int bytes = (from == kFloat32 ? 4 : 2) + (to == kFloat32 ? 4 : 2);
      measure(std::string("convert ") + from_name + " to " + to_name + " " + name_of(set) + " " + std::to_string(count),
              1e-9 * bytes * double(count), "GB/s in and out",
              [&, from = from, to = to] { convert(from, stored.data(), to, y.data(), count, set); });
    }
  }
}

template <class T>
void linear(InstructionSet set, int64_t count, int64_t inputs, int64_t outputs, bool gated = false) {
  const LinearShape shape{inputs, outputs, gated};
  const int64_t weights = gated ? 2 * outputs : outputs, panels = linear_panels(shape, set);
  const auto x = random<T>(count * inputs), weight = random<T>(weights * inputs), bias = random<T>(weights);
  std::vector<T> out(count * outputs);
  std::vector<uint8_t> bytes(std::max(count, weights) * int8_row_bytes(inputs));
  std::vector<float> scales(count), weight_scales(weights);
  std::vector<uint32_t> words(std::max(linear_packed_words<T>(shape, set), int8_packed_words(shape, set)) + 16);
  uint32_t* packed = aligned(words);
  const LinearOutput<T> output{count, bias.data(), nullptr, out.data()};
  const std::string size = std::to_string(count) + " x " + std::to_string(inputs) + " x " + std::to_string(weights) +
                           (gated ? " gated" : "");
  const double operations = 2e-9 * double(count * inputs * weights);
  const std::vector<uint16_t> stored(weight.size(), 0x2c00);  // a float16
  const void* part = stored.data();
  const StoredWeight in_file{NumberFormat::kFloat16, &part, weights};
  measure(named<T>("linear_pack from f16", set) + size, 1e-9 * 2 * double(weights * inputs), "GB/s read",
          [&] { linear_pack<T>(shape, in_file, packed, 0, panels, set); });
  measure(named<T>("linear_in_place from f16", set) + size, operations, "GFLOP/s",
          [&] { linear_in_place(shape, x.data(), inputs, in_file, packed, output, 0, panels, set); });
  measure(named<T>("linear", set) + size, operations, "GFLOP/s",
          [&] { calotype::networks::cpu::linear(shape, x.data(), inputs, packed, output, 0, panels, set); });
  measure(named<T>("int8_linear of made weights", set) + size, 1e-9 * sizeof(T) * double(weights * inputs), "GB/s read",
          [&] {
            quantize_rows(weight.data(), inputs, inputs, bytes.data(), weight_scales.data(), 0, weights, set);
            int8_pack(shape, bytes.data(), packed, 0, panels, set);
          });
  measure(named<T>("int8_linear with quantize_rows", set) + size, operations, "GOP/s", [&] {
    quantize_rows(x.data(), inputs, inputs, bytes.data(), scales.data(), 0, count, set);
    int8_linear<T>(shape, {bytes.data(), scales.data()}, {packed, weight_scales.data()}, output, 0, panels, set);
  });
}

template <class T>
void convolution(InstructionSet set, int64_t side, int64_t inputs, int64_t outputs) {
  const Int8ConvolutionShape shape{side, side, inputs, outputs, 3, 1, 1};
  const auto x = random<T>(side * side * inputs), weight = random<T>(9 * outputs * inputs), bias = random<T>(outputs);
  std::vector<uint8_t> bytes(std::max(9 * outputs, side * side) * inputs);
  std::vector<float> scales(side * side), weight_scales(9 * outputs);
  const int64_t place = int8_packed_words(shape.place(), set), panels = linear_panels(shape.place(), set);
  std::vector<uint32_t> words(9 * place + 16);
  uint32_t* packed = aligned(words);
  quantize_rows(weight.data(), inputs, inputs, bytes.data(), weight_scales.data(), 0, 9 * outputs, set);
  for (int64_t i = 0; i < 9; ++i)
    int8_pack(shape.place(), bytes.data() + i * outputs * inputs, packed + i * place, 0, panels, set);
  std::vector<T> out(side * side * outputs);
  measure(named<T>("int8_convolution with quantize_rows", set) + std::to_string(side) + "^2 x " +
              std::to_string(inputs) + " x " + std::to_string(outputs),
          18e-9 * double(side * side * inputs * outputs), "GOP/s", [&] {
            quantize_rows(x.data(), inputs, inputs, bytes.data(), scales.data(), 0, side * side, set);
            for (int64_t panel = 0; panel < panels; ++panel)
              for (int64_t pixel = 0; pixel < side * side; pixel += kConvolutionPixels)
                int8_convolution<T>(shape, {bytes.data(), scales.data()}, {packed, weight_scales.data()},
                                    {side * side, bias.data(), nullptr, out.data()}, panel, pixel,
                                    std::min(pixel + kConvolutionPixels, side * side), set);
          });
}

template <class T>
void all(InstructionSet set) {
  attention<T>(set, 10, 1024, 1024);
  attention<T>(set, 20, 256, 256);
  attention<T>(set, 10, 4096, 4096);
  attention<T>(set, 20, 1024, 1024);
  attention<T>(set, 10, 1024, 77);
  attention<T>(set, 20, 256, 77);
  group_norm<T>(set, 2, 64, 320);
  group_norm<T>(set, 2, 32, 640);
  group_norm<T>(set, 2, 16, 1280);
  group_norm<T>(set, 1, 256, 256);
  group_norm<T>(set, 1, 512, 128);
  rows<T>(set, 2048, 640);
  rows<T>(set, 512, 1280);
  linear<T>(set, 2048, 640, 640);
  linear<T>(set, 2048, 640, 2560, true);
  linear<T>(set, 2048, 2560, 640);
  linear<T>(set, 512, 1280, 1280);
  linear<T>(set, 512, 1280, 5120, true);
  linear<T>(set, 512, 5120, 1280);
  linear<T>(set, 2, 1280, 1280);
  convolution<T>(set, 64, 320, 320);
  convolution<T>(set, 32, 640, 640);
  convolution<T>(set, 16, 1280, 1280);
  convolution<T>(set, 16, 2560, 1280);
}
}  // namespace

int main(int count, char** arguments) {
  words.assign(arguments + 1, arguments + count);
  for (const auto set : {InstructionSet::kAvx512, InstructionSet::kAvx2, InstructionSet::kPortable}) {
    const bool named = std::find(words.begin(), words.end(), name_of(set)) != words.end();
    if (set > best_instruction_set() || (set < best_instruction_set() && !named)) continue;
    all<uint16_t>(set);
    all<float>(set);
    conversions(set, 1 << 16);
    conversions(set, 1 << 24);
  }
}
