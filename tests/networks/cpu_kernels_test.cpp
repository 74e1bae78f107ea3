// Attention and norms of plugins/networks/kernels/cpu, with every instruction set of this processor, against float64.
#include <array>
#include <numeric>
#include <string>

#include "networks/float64_check.h"
#include "networks/kernels/cpu/attention.h"
#include "networks/kernels/cpu/group_norm.h"
#include "networks/kernels/cpu/layer_norm.h"

namespace {
using namespace calotype::networks::cpu;

double silu(double x) {
  return x / (1 + std::exp(-x));
}

/// Attention on q, k, v side by side in rows [position][3][heads][width], and how far it is off in units of what the
/// rounding of the result and of the weights allows.
template <class T>
double attention_excess(const AttentionShape& shape, float deviation, InstructionSet set) {
  const int64_t width = shape.width, row = 3 * shape.heads * width, rows = std::max(shape.queries, shape.keys);
  auto qkv = random<T>(shape.images * rows * row, 1, deviation);
  const HeadRows<const T> q{qkv.data(), rows * row, row}, k{q.data + row / 3, rows * row, row},
      v{k.data + row / 3, rows * row, row};
  std::vector<T> out(shape.images * shape.queries * row / 3);
  const HeadRows<T> to{out.data(), shape.queries * row / 3, row / 3};
  std::vector<uint32_t> packed(attention_packed_words<T>(shape, set));
  double most = 0;
  for (int64_t head = 0; head < shape.images * shape.heads; ++head) {
    attention_pack<T>(shape, k, v, packed.data(), head, set);
    attention<T>(shape, q, packed.data(), to, head, 0, shape.queries / 2, set);
    attention<T>(shape, q, packed.data(), to, head, shape.queries / 2, shape.queries, set);
    for (int64_t query = 0; query < shape.queries; ++query) {
      std::vector<double> weight(shape.keys);
      for (int64_t key = 0; key < shape.keys; ++key)
        for (int64_t i = 0; i < width; ++i)
          weight[key] += shape.scale * value(q.row(shape, head, query)[i]) * value(k.row(shape, head, key)[i]);
      const double largest = *std::max_element(weight.begin(), weight.end());
      for (double& w : weight) w = std::exp(w - largest);
      const double total = std::accumulate(weight.begin(), weight.end(), 0.0);
      for (int64_t i = 0; i < width; ++i) {
        double want = 0, size = 0;
        for (int64_t key = 0; key < shape.keys; ++key) {
          want += weight[key] / total * value(v.row(shape, head, key)[i]);
          size += weight[key] / total * std::abs(value(v.row(shape, head, key)[i]));
        }
        const double error = std::abs(value(to.row(shape, head, query)[i]) - want);
        const double scores = 1e-6 * largest;  // float32 sums have an error in proportion, which exp() takes over
        const double allowed = kHalfUnit<T> * std::abs(want) + (kHalfUnit<T> + kFunction<T> + scores) * size;
        most = std::max(most, std::isnan(error) ? 1e9 : error / allowed);
      }
    }
  }
  return most;
}
}  // namespace

TEST_CASE_TEMPLATE("cpu attention: equals the softmax in float64, for all shapes of heads and blocks", T, float,
                   uint16_t) {
  for (const auto set : sets())
    for (const auto& [queries, keys, width] :
         {std::array<int64_t, 3>{1, 1, 16}, {100, 77, 64}, {7, 1100, 48}, {49, 513, 160}, {3, 15, 80}}) {
      CAPTURE(std::string(name_of(set)));
      CAPTURE(keys);
      CHECK(attention_excess<T>({2, 3, queries, keys, width, 0.125f}, 1, set) < 1);
    }
}

TEST_CASE_TEMPLATE("cpu attention: large scores do not overflow", T, float, uint16_t) {
  for (const auto set : sets()) CHECK(attention_excess<T>({1, 1, 20, 600, 64, 1}, 8, set) < 1);
}

TEST_CASE_TEMPLATE("cpu attention: the result may take the place of the queries", T, float, uint16_t) {
  const AttentionShape shape{1, 2, 60, 60, 32, 0.2f};
  for (const auto set : sets()) {
    auto q = random<T>(60 * 64, 1);
    const auto k = random<T>(60 * 64, 2), v = random<T>(60 * 64, 3);
    std::vector<T> out(q.size());
    std::vector<uint32_t> packed(attention_packed_words<T>(shape, set));
    for (int64_t head = 0; head < 2; ++head) {
      attention_pack<T>(shape, {k.data(), 0, 64}, {v.data(), 0, 64}, packed.data(), head, set);
      attention<T>(shape, {q.data(), 0, 64}, packed.data(), {out.data(), 0, 64}, head, 0, 60, set);
      attention<T>(shape, {q.data(), 0, 64}, packed.data(), {q.data(), 0, 64}, head, 0, 60, set);
    }
    CHECK(q == out);
  }
}

TEST_CASE_TEMPLATE("cpu group_norm: equals float64, with what is added, SiLU, and a mean far from 0", T, float,
                   uint16_t) {
  for (const auto set : sets())
    for (const auto& [images, positions, channels, groups] :
         {std::array<int64_t, 4>{1, 1, 6, 3}, {2, 33, 10, 5}, {1, 300, 77, 7}, {2, 70, 640, 32}, {1, 40, 1000, 8}}) {
      const GroupNormShape shape{images, positions, channels, groups};
      const float mean = sizeof(T) == 4 ? 1000.0f : 4.0f;
      auto x = random<T>(images * positions * channels, 1, 1, mean);
      const auto add = random<T>(images * channels, 2), weight = random<T>(channels, 3), bias = random<T>(channels, 4);
      const GroupNormOptions<T> options{weight.data(), bias.data(), channels % 2 == 0, add.data()};
      std::vector<double> want(x.size());
      const int64_t per_group = channels / groups;
      for (int64_t n = 0; n < images; ++n)
        for (int64_t c = 0; c < channels; ++c) {
          const auto at = [&](int64_t p, int64_t of) {
            return value(x[(n * positions + p) * channels + of]) + value(add[n * channels + of]);
          };
          double sum = 0, squares = 0;
          const int64_t first = c / per_group * per_group, count = per_group * positions;
          for (int64_t i = 0; i < count; ++i) sum += at(i / per_group, first + i % per_group) / double(count);
          for (int64_t i = 0; i < count; ++i) squares += std::pow(at(i / per_group, first + i % per_group) - sum, 2);
          const double factor = 1 / std::sqrt(squares / double(count) + 1e-5);
          for (int64_t p = 0; p < positions; ++p) {
            const double y = (at(p, c) - sum) * factor * value(weight[c]) + value(bias[c]);
            want[(n * positions + p) * channels + c] = options.silu ? silu(y) : y;
          }
        }
      const int64_t parts = images * group_norm_parts(shape);
      std::vector<GroupMoments> moments(parts * groups);
      std::vector<GroupScale> scales(images * groups);
      for (int64_t part = 0; part < parts; ++part)
        group_norm_moments(shape, options, x.data(), moments.data(), part, part + 1, set);
      group_norm_scales(shape, 1e-5, moments.data(), scales.data());
      group_norm(shape, options, x.data(), scales.data(), x.data(), 0, parts, set);
      CAPTURE(std::string(name_of(set)));
      CAPTURE(channels);
      // mean, scale and shift are float32 numbers of the size of the mean, in units of the deviation
      CHECK(excess(x, want, sizeof(T) == 4 ? 1e-6 * mean : 2e-3) < 1);
    }
}

TEST_CASE_TEMPLATE("cpu layer_norm: equals float64", T, float, uint16_t) {
  for (const auto set : sets())
    for (const int64_t channels : {1, 15, 77, 640}) {
      const auto x = random<T>(3 * channels, 1, 1, 2), weight = random<T>(channels, 3), bias = random<T>(channels, 4);
      const LayerNormOptions<T> options{channels, weight.data(), bias.data(), 1e-5};
      std::vector<T> y = x;
      layer_norm(options, y.data(), y.data(), 0, 1, set);
      layer_norm(options, y.data(), y.data(), 1, 3, set);
      std::vector<double> want(x.size());
      for (int64_t r = 0; r < 3; ++r) {
        const int64_t at = r * channels;
        double mean = 0, squares = 0;
        for (int64_t c = at; c < at + channels; ++c) mean += value(x[c]) / double(channels);
        for (int64_t c = at; c < at + channels; ++c) squares += std::pow(value(x[c]) - mean, 2);
        const double factor = 1 / std::sqrt(squares / double(channels) + 1e-5);
        for (int64_t c = 0; c < channels; ++c)
          want[at + c] = (value(x[at + c]) - mean) * factor * value(weight[c]) + value(bias[c]);
      }
      CAPTURE(std::string(name_of(set)));
      CAPTURE(channels);
      CHECK(excess(y, want, 5e-6) < 1);
    }
}
