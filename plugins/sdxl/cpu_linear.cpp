#include "cpu_linear.h"

#include <ATen/Parallel.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include <algorithm>

#include "cpu/int8_linear.h"
#include "cpu_ops.h"
#include "cpu_tensors.h"

namespace calotype::sdxl {
namespace {

constexpr int64_t kPanel = 64;  // outputs: a multiple of what every instruction set has in a panel

cpu::LinearShape shape_of(const at::Tensor& weight, bool gated) { return {weight.size(1), weight.size(0) / (gated ? 2 : 1), gated}; }

/// [...,in] -> [...,out]
at::Tensor result_of(const at::Tensor& x, const cpu::LinearShape& shape) {
  auto sizes = x.sizes().vec();
  sizes.back() = shape.outputs;
  return at::empty(sizes, x.options());
}

at::Tensor dense(const at::Tensor& t) { return t.defined() ? t.contiguous() : t; }

template <class Body>
void over_panels(const cpu::LinearShape& shape, Body body) {
  at::parallel_for(0, cpu::linear_panels(shape), 1, body);
}

class CpuWeight final : public LinearWeight {
 public:
  CpuWeight(std::vector<at::Tensor> parts, bool gated) {
    const auto is_whole = [](const at::Tensor& part) { return part.size(0) % kPanel == 0; };
    if (gated || !std::all_of(parts.begin(), parts.end(), is_whole)) parts = {at::cat(parts)};
    shape_ = shape_of(parts.front(), gated);
    shape_.outputs = 0;
    for (const at::Tensor& part : parts) shape_.outputs += shape_of(part, gated).outputs;
    of_type(parts.front(), [&](auto number) {
      using T = decltype(number);
      packed_ = at::empty({cpu::linear_packed_words<T>(shape_)}, at::kInt);
      uint32_t* to = out<uint32_t>(packed_);
      for (const at::Tensor& part : parts) {  // whole panels follow each other as those of one weight do
        const at::Tensor rows = part.contiguous();
        const cpu::LinearShape shape = shape_of(rows, gated);
        over_panels(shape, [&](int64_t begin, int64_t end) { cpu::linear_pack(shape, in<T>(rows), to, begin, end); });
        to += cpu::linear_packed_words<T>(shape);
      }
    });
  }
  at::Tensor linear(const at::Tensor& x, const at::Tensor& bias, const at::Tensor& onto) const override {
    const at::Tensor source = x.contiguous(), added = dense(onto), result = result_of(x, shape_);
    of_type(x, [&](auto number) {
      using T = decltype(number);
      const cpu::LinearOutput<T> output{x.numel() / shape_.inputs, in<T>(bias), in<T>(added), out<T>(result)};
      over_panels(shape_, [&](int64_t begin, int64_t end) {
        cpu::linear(shape_, in<T>(source), shape_.inputs, in<uint32_t>(packed_), output, begin, end);
      });
    });
    return result;
  }

 private:
  cpu::LinearShape shape_;
  at::Tensor packed_;
};

class CpuInt8Weight final : public LinearWeight {
 public:
  CpuInt8Weight(const at::Tensor& weight, bool gated) : shape_(shape_of(weight, gated)) {
    const Rows rows = rows_of(kernels_number(weight));
    scales_ = rows.scales;
    packed_ = at::empty({cpu::int8_packed_words(shape_)}, at::kInt);
    over_panels(shape_, [&](int64_t begin, int64_t end) { cpu::int8_pack(shape_, in<uint8_t>(rows.bytes), out<uint32_t>(packed_), begin, end); });
  }
  at::Tensor linear(const at::Tensor& x, const at::Tensor& bias, const at::Tensor& onto) const override {
    const at::Tensor exact = kernels_number(x), offset = kernels_number(bias), added = dense(kernels_number(onto));
    const Rows rows = rows_of(exact);
    const at::Tensor result = result_of(exact, shape_);
    of_type(exact, [&](auto number) {
      using T = decltype(number);
      const cpu::LinearOutput<T> output{rows.scales.numel(), in<T>(offset), in<T>(added), out<T>(result)};
      over_panels(shape_, [&](int64_t begin, int64_t end) {
        cpu::int8_linear(shape_, {in<uint8_t>(rows.bytes), in<float>(rows.scales)}, {in<uint32_t>(packed_), in<float>(scales_)}, output,
                         begin, end);
      });
    });
    return result.to(x.scalar_type());
  }

 private:
  struct Rows {
    at::Tensor bytes, scales;
  };
  /// float16, which the kernels do not know, in float32.
  static at::Tensor kernels_number(const at::Tensor& t) { return !t.defined() || has_cpu_kernels(t) ? t : t.to(at::kFloat); }

  Rows rows_of(const at::Tensor& x) const {
    const at::Tensor source = x.contiguous();
    const int64_t width = x.size(-1), count = x.numel() / width;
    Rows rows{at::empty({count, cpu::int8_row_bytes(width)}, at::kByte), at::empty({count}, at::kFloat)};
    of_type(x, [&](auto number) {
      at::parallel_for(0, count, kGrain / width + 1, [&](int64_t begin, int64_t end) {
        cpu::quantize_rows(in<decltype(number)>(source), width, width, out<uint8_t>(rows.bytes), out<float>(rows.scales), begin, end);
      });
    });
    return rows;
  }

  cpu::LinearShape shape_;
  at::Tensor packed_, scales_;
};

}  // namespace

bool is_cpu_weight(const at::Tensor& weight) { return has_cpu_kernels(weight) && weight.size(1) % 16 == 0; }

std::shared_ptr<const LinearWeight> cpu_weight(const std::vector<at::Tensor>& parts, bool gated) {
  return std::make_shared<CpuWeight>(parts, gated);
}

std::shared_ptr<const LinearWeight> cpu_int8_weight(const at::Tensor& weight, bool gated) {
  return std::make_shared<CpuInt8Weight>(weight, gated);
}

}  // namespace calotype::sdxl
