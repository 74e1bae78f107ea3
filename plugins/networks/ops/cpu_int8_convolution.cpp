#include "networks/ops/cpu_int8_convolution.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>

#include "networks/kernels/cpu/int8_convolution.h"
#include "networks/kernels/cpu_int8_rows.h"
#include "networks/kernels/cpu_tensors.h"
#include "networks/kernels/kernel_checks.h"

namespace calotype::networks {

CpuInt8Convolution::CpuInt8Convolution(const at::Tensor& weight)
    : outputs_(weight.size(0)), inputs_(weight.size(1)), kernel_(weight.size(2)) {
  KernelChecks("cpu int8 convolution", weight, 4, KernelChecks::kOnCpu)
      .weight("weight", weight, {outputs_, inputs_, kernel_, kernel_});
  const cpu::LinearShape place{inputs_, outputs_};
  const Int8RowTensors rows = int8_rows(weight.permute({2, 3, 0, 1}).contiguous(), inputs_);
  const int64_t words = cpu::int8_packed_words(place), panels = cpu::linear_panels(place),
                bytes = outputs_ * cpu::int8_row_bytes(inputs_);
  scales_ = rows.scales;
  packed_ = at::empty({kernel_ * kernel_, words}, at::kInt);
  at::parallel_for(0, kernel_ * kernel_, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      cpu::int8_pack(place, in<uint8_t>(rows.bytes) + i * bytes, out<uint32_t>(packed_) + i * words, 0, panels);
  });
}

at::Tensor CpuInt8Convolution::operator()(const at::Tensor& x, int64_t stride, int64_t padding, const at::Tensor& bias,
                                          const at::Tensor& onto) const {
  const KernelChecks checks("cpu int8 convolution", x, 4, KernelChecks::kOnCpu);
  checks.input("x", x, {x.size(0), inputs_, x.size(2), x.size(3)});
  checks.weight_or_none("bias", bias, {outputs_});
  checks.in_place("bias", bias, x.scalar_type());
  constexpr auto kFormat = at::MemoryFormat::ChannelsLast;
  const cpu::Int8ConvolutionShape shape{x.size(2), x.size(3), inputs_, outputs_, kernel_, stride, padding};
  checks.input_or_none("onto", onto, {x.size(0), outputs_, shape.out_height(), shape.out_width()});
  if (onto.defined()) checks.type("onto", onto.scalar_type(), x.scalar_type());
  const Int8RowTensors rows = int8_rows(x.permute({0, 2, 3, 1}).contiguous(), inputs_);
  const at::Tensor added = onto.defined() ? onto.contiguous(kFormat) : onto;
  const at::Tensor result =
      at::empty({x.size(0), outputs_, shape.out_height(), shape.out_width()}, x.options().memory_format(kFormat));
  const int64_t pixels = shape.out_height() * shape.out_width(),
                parts = (pixels + cpu::kConvolutionPixels - 1) / cpu::kConvolutionPixels;
  const int64_t panels = cpu::linear_panels(shape.place()), row_bytes = cpu::int8_row_bytes(inputs_);
  of_type(x, [&](auto number) {
    using T = decltype(number);
    // one panel's parts follow each other, as its weights are then still at hand
    at::parallel_for(0, panels * x.size(0) * parts, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t part = i % parts, image = i / parts % x.size(0), panel = i / parts / x.size(0);
        const int64_t from = image * shape.height * shape.width, to = image * pixels * outputs_;
        const cpu::LinearOutput<T> output{pixels, in<T>(bias), added.defined() ? in<T>(added) + to : nullptr,
                                          out<T>(result) + to};
        cpu::int8_convolution<T>(shape, {in<uint8_t>(rows.bytes) + from * row_bytes, in<float>(rows.scales) + from},
                                 {in<uint32_t>(packed_), in<float>(scales_)}, output, panel,
                                 part * cpu::kConvolutionPixels,
                                 std::min((part + 1) * cpu::kConvolutionPixels, pixels));
      }
    });
  });
  return result;
}

}  // namespace calotype::networks
