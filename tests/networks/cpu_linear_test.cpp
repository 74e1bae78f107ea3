// Linear layers of plugins/networks/kernels/cpu, with every instruction set of this processor, against float64.
#include <array>
#include <cstring>
#include <string>

#include "networks/float64_check.h"
#include "networks/kernels/cpu/convert.h"
#include "networks/kernels/cpu/int8_convolution.h"
#include "networks/kernels/cpu/linear.h"

namespace {
using namespace calotype::networks::cpu;

double gelu(double x) {
  return x * std::erfc(-x / std::sqrt(2.0)) / 2;
}

/// What a layer adds to the products of its rows and weights, [rows][outputs], gated [rows][2][outputs].
template <class T>
std::vector<double> finished(const LinearShape& shape, const std::vector<double>& products,
                             const LinearOutput<T>& output) {
  std::vector<double> all(output.rows * shape.outputs);
  const auto half = [&](int64_t row, int64_t i, int64_t index) {
    const int64_t halves = shape.gated ? 2 : 1;
    const double bias = output.bias ? value(output.bias[index * shape.outputs + i]) : 0;
    return products[(row * halves + index) * shape.outputs + i] + bias;
  };
  for (int64_t row = 0; row < output.rows; ++row)
    for (int64_t i = 0; i < shape.outputs; ++i) {
      double& y = all[row * shape.outputs + i];
      y = half(row, i, 0) * (shape.gated ? gelu(half(row, i, 1)) : 1);
      if (output.residual) y += value(output.residual[row * shape.outputs + i]);
    }
  return all;
}

template <class T>
constexpr NumberFormat kOwn = sizeof(T) == 4 ? NumberFormat::kFloat32 : NumberFormat::kBFloat16;

/// rows, inputs, outputs, gated
using Size = std::array<int64_t, 4>;
}  // namespace

TEST_CASE_TEMPLATE("cpu linear: equals float64, with bias, gate and residual, for all sizes of panels and blocks", T,
                   float, uint16_t) {
  for (const auto set : sets())
    for (const auto& [rows, inputs, outputs, gated] :
         {Size{1, 16, 1, 0}, {7, 48, 77, 1}, {13, 1104, 200, 0}, {2, 64, 64, 1}}) {
      const LinearShape shape{inputs, outputs, gated == 1};
      const int64_t weights = gated ? 2 * outputs : outputs, stride = inputs + 3, panels = linear_panels(shape, set);
      const auto x = random<T>(rows * stride, 1), weight = random<T>(weights * inputs, 2, 1 / std::sqrt(float(inputs)));
      const auto bias = random<T>(weights, 3), residual = random<T>(rows * outputs, 4);
      std::vector<double> products(rows * weights);
      for (int64_t i = 0; i < rows * weights; ++i)
        for (int64_t j = 0; j < inputs; ++j)
          products[i] += value(x[i / weights * stride + j]) * value(weight[i % weights * inputs + j]);
      std::vector<uint32_t> packed(linear_packed_words<T>(shape, set));
      const void* numbers = weight.data();
      linear_pack<T>(shape, {kOwn<T>, &numbers, weights}, packed.data(), 0, panels, set);
      std::vector<T> plain(rows * outputs), out = residual;
      const LinearOutput<T> alone{rows, nullptr, nullptr, plain.data()},
          all{rows, bias.data(), residual.data(), out.data()};
      for (int64_t panel = 0; panel < panels; ++panel)
        linear(shape, x.data(), stride, packed.data(), alone, panel, panel + 1, set);
      linear(shape, x.data(), stride, packed.data(), all, 0, panels, set);
      CAPTURE(std::string(name_of(set)));
      CAPTURE(inputs);
      CHECK(excess(plain, finished(shape, products, alone), sizeof(T) == 4 ? 1e-5 : 1e-3) < 1);
      CHECK(excess(out, finished(shape, products, all), sizeof(T) == 4 ? 1e-5 : 1e-3) < 1);
    }
}

TEST_CASE_TEMPLATE("cpu linear: weights in place, of any format and in parts, give what packed ones do, bit for bit", T,
                   float, uint16_t) {
  for (const auto set : sets())
    for (const auto format : {NumberFormat::kFloat32, NumberFormat::kFloat16, NumberFormat::kBFloat16})
      for (const auto& [rows, inputs, outputs, gated] :
           {Size{7, 48, 78, 0}, {7, 48, 78, 1}, {13, 1104, 192, 0}, {2, 64, 66, 1}}) {
        const LinearShape shape{inputs, outputs, gated == 1};
        const int64_t weights = gated ? 2 * outputs : outputs, panels = linear_panels(shape, set),
                      size = weights * inputs;
        const auto x = random<T>(rows * inputs, 1), bias = random<T>(weights, 3);
        const auto exact = random<float>(size, 2);
        std::vector<float> stored(size);  // of any format
        std::vector<T> converted(size);
        convert(NumberFormat::kFloat32, exact.data(), format, stored.data(), size);
        convert(format, stored.data(), kOwn<T>, converted.data(), size);
        const void* whole = converted.data();
        std::vector<uint32_t> packed(linear_packed_words<T>(shape, set)), panel(linear_panel_words<T>(shape, set));
        linear_pack<T>(shape, {kOwn<T>, &whole, weights}, packed.data(), 0, panels, set);
        std::vector<T> wanted(rows * outputs), out(rows * outputs);
        linear(shape, x.data(), inputs, packed.data(), LinearOutput<T>{rows, bias.data(), nullptr, wanted.data()}, 0,
               panels, set);

        const auto* bytes = reinterpret_cast<const char*>(stored.data());
        const int64_t part = weights / 3 * inputs * (format == NumberFormat::kFloat32 ? 4 : 2);
        const void* parts[] = {bytes, bytes + part, bytes + 2 * part};
        linear_in_place(shape, x.data(), inputs, {format, parts, weights / 3}, panel.data(),
                        LinearOutput<T>{rows, bias.data(), nullptr, out.data()}, 0, panels, set);
        CAPTURE(std::string(name_of(set)));
        CAPTURE(inputs);
        CHECK(std::memcmp(out.data(), wanted.data(), out.size() * sizeof(T)) == 0);
      }
}

TEST_CASE_TEMPLATE("cpu linear: the gate equals float64 from -12 to 12", T, float, uint16_t) {
  const LinearShape shape{16, 2401, true};
  // no weights: the biases are what is multiplied, 1 * gelu(x)
  std::vector<float> bias(2 * shape.outputs, 1);
  for (int64_t i = 0; i < shape.outputs; ++i) bias[shape.outputs + i] = float(i) / 100 - 12;
  std::vector<T> stored(bias.size()), out(shape.outputs);
  convert(NumberFormat::kFloat32, bias.data(), kOwn<T>, stored.data(), int64_t(bias.size()));
  const std::vector<T> nothing(2 * shape.outputs * shape.inputs);
  for (const auto set : sets()) {
    std::vector<uint32_t> packed(linear_packed_words<T>(shape, set));
    const void* numbers = nothing.data();
    linear_pack<T>(shape, {kOwn<T>, &numbers, 2 * shape.outputs}, packed.data(), 0, linear_panels(shape, set), set);
    const LinearOutput<T> output{1, stored.data(), nullptr, out.data()};
    linear(shape, nothing.data(), shape.inputs, packed.data(), output, 0, linear_panels(shape, set), set);
    CAPTURE(std::string(name_of(set)));
    CHECK(excess(out, finished(shape, std::vector<double>(2 * shape.outputs), output), sizeof(T) == 4 ? 3e-6 : 1e-4) <
          1);
  }
}

TEST_CASE_TEMPLATE("cpu quantize_rows: bytes are off by half a step at most", T, float, uint16_t) {
  for (const auto set : sets())
    for (const int64_t numbers : {1, 63, 64, 200}) {
      auto x = random<T>(3 * numbers, 1, 5);
      std::fill_n(x.begin() + numbers, numbers, T(0));
      const int64_t stride = int8_row_bytes(numbers);
      std::vector<uint8_t> bytes(3 * stride);
      std::vector<float> scales(3);
      quantize_rows(x.data(), numbers, numbers, bytes.data(), scales.data(), 0, 3, set);
      int far = 0;
      for (int64_t i = 0; i < 3 * numbers; ++i) {
        const int byte = bytes[i / numbers * stride + i % numbers];
        const double scale = scales[i / numbers];
        far += byte < 1 || std::abs(value(x[i]) - scale * (byte - 128)) > 0.50001 * scale;
      }
      CAPTURE(std::string(name_of(set)));
      CHECK(far == 0);
      CHECK(scales[1] == 0);
    }
}

TEST_CASE_TEMPLATE("cpu int8_linear: is exact in int32, at the extremes too", T, float, uint16_t) {
  for (const auto set : sets())
    for (const auto& [rows, inputs, outputs, gated] : {Size{1, 1, 1, 0}, {7, 130, 77, 1}, {13, 512, 200, 0}}) {
      const LinearShape shape{inputs, outputs, gated == 1};
      const int64_t stride = int8_row_bytes(inputs), weights = gated ? 2 * outputs : outputs,
                    panels = linear_panels(shape, set);
      std::mt19937 generator(1);
      std::vector<uint8_t> x(rows * stride, 128), weight(weights * stride, 128);
      for (auto* bytes : {&x, &weight})
        for (size_t i = 0; i < bytes->size(); ++i)
          if (int64_t(i) % stride < inputs) (*bytes)[i] = uint8_t(1 + generator() % 255);
      std::fill_n(x.end() - stride, inputs, uint8_t(255));  // the last row and output: the largest sum
      std::fill_n(weight.end() - stride, inputs, uint8_t(1));
      const std::vector<float> scales(rows, 0x1p-6f), weight_scales(weights, 0x1p-5f);
      const auto bias = random<T>(weights, 2), residual = random<T>(rows * outputs, 3);
      std::vector<double> products(rows * weights);
      for (int64_t i = 0; i < rows * weights; ++i) {
        int sum = 0;
        for (int64_t j = 0; j < inputs; ++j)
          sum += (x[i / weights * stride + j] - 128) * (weight[i % weights * stride + j] - 128);
        products[i] = sum * 0x1p-11;
      }
      std::vector<uint32_t> packed(int8_packed_words(shape, set));
      int8_pack(shape, weight.data(), packed.data(), 0, panels, set);
      std::vector<T> plain(rows * outputs), out = residual;
      const LinearOutput<T> alone{rows, nullptr, nullptr, plain.data()}, all{rows, bias.data(), out.data(), out.data()};
      for (int64_t panel = 0; panel < panels; ++panel)
        int8_linear(shape, {x.data(), scales.data()}, {packed.data(), weight_scales.data()}, alone, panel, panel + 1,
                    set);
      const auto want = finished(shape, products, alone),
                 want_all = finished(shape, products, LinearOutput<T>{rows, bias.data(), residual.data(), nullptr});
      int8_linear(shape, {x.data(), scales.data()}, {packed.data(), weight_scales.data()}, all, 0, panels, set);
      CAPTURE(std::string(name_of(set)));
      CAPTURE(inputs);
      CHECK(excess(plain, want, gated ? 1e-2 : 1e-9) <= (sizeof(T) == 4 && !gated ? 0 : 1));
      CHECK(excess(out, want_all, gated ? 1e-2 : 1e-3) <= 1);
    }
}

TEST_CASE_TEMPLATE("cpu int8_convolution: is the sum of its places' exact products, at the image's rim too", T, float,
                   uint16_t) {
  for (const auto set : sets())
    for (const auto& shape : {Int8ConvolutionShape{5, 7, 64, 77, 3, 1, 1},
                              {8, 6, 130, 16, 3, 2, 1},
                              {9, 9, 64, 20, 3, 2, 0},
                              {24, 20, 64, 3, 1, 1, 0},
                              {23, 29, 3, 70, 3, 1, 1}}) {
      const int64_t pixels = shape.height * shape.width, results = shape.out_height() * shape.out_width(),
                    row = int8_row_bytes(shape.inputs);
      const int64_t rows = shape.places() * shape.outputs, words = int8_packed_words(shape.place(), set);
      const auto x = random<T>(pixels * shape.inputs, 1), weight = random<T>(rows * shape.inputs, 2),
                 bias = random<T>(shape.outputs, 3);
      const auto residual = random<T>(results * shape.outputs, 4);
      std::vector<uint8_t> bytes(pixels * row), weight_bytes(rows * row);
      std::vector<float> scales(pixels), weight_scales(rows);
      quantize_rows(x.data(), shape.inputs, shape.inputs, bytes.data(), scales.data(), 0, pixels, set);
      quantize_rows(weight.data(), shape.inputs, shape.inputs, weight_bytes.data(), weight_scales.data(), 0, rows, set);
      std::vector<uint32_t> packed(shape.places() * words);
      const int64_t panels = linear_panels(shape.place(), set);
      for (int64_t i = 0; i < shape.places(); ++i)
        int8_pack(shape.place(), weight_bytes.data() + i * shape.outputs * row, packed.data() + i * words, 0, panels,
                  set);
      std::vector<T> out(results * shape.outputs);
      for (int64_t panel = 0; panel < panels; ++panel)
        for (int64_t pixel = 0; pixel < results; pixel += kConvolutionPixels)
          int8_convolution<T>(shape, {bytes.data(), scales.data()}, {packed.data(), weight_scales.data()},
                              {results, bias.data(), residual.data(), out.data()}, panel, pixel,
                              std::min(pixel + kConvolutionPixels, results), set);

      std::vector<double> wanted(out.size());
      for (int64_t i = 0; i < int64_t(wanted.size()); ++i) {
        const int64_t at = i / shape.outputs, output = i % shape.outputs;
        double& y = wanted[i] = value(bias[output]) + value(residual[i]);
        for (int64_t place = 0; place < shape.places(); ++place) {
          const int64_t down = at / shape.out_width() * shape.stride + place / shape.kernel - shape.padding;
          const int64_t right = at % shape.out_width() * shape.stride + place % shape.kernel - shape.padding;
          if (down < 0 || down >= shape.height || right < 0 || right >= shape.width) continue;
          const int64_t pixel = down * shape.width + right, from = place * shape.outputs + output;
          int64_t sum = 0;
          for (int64_t j = 0; j < shape.inputs; ++j)
            sum += (bytes[pixel * row + j] - 128) * (weight_bytes[from * row + j] - 128);
          y += double(sum) * scales[pixel] * weight_scales[from];
        }
      }
      CAPTURE(std::string(name_of(set)));
      CAPTURE(shape.inputs);
      CHECK(excess(out, wanted, sizeof(T) == 4 ? 1e-5 : 1e-4) < 1);
    }
}
