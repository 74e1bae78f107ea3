// The kernels of plugins/networks/kernels/cuda that bring rows to a byte for each number, and the end of a product of
// such rows; as kernels_test.cpp.
#include <ATen/TensorOperators.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/zeros.h>

#include "emulated_kernels.h"
#include "networks/kernels/cpu_int8_rows.h"

namespace {
using namespace calotype;
using namespace calotype::test;

struct Bytes {
  at::Tensor bytes, scales;  // [rows,channels] uint8, [rows,1]
};

template <class Kernel>
Bytes rows(Kernel kernel, const at::Tensor& x, int64_t behind) {
  const Bytes out{guarded_room(x.sizes(), at::kByte, behind), guarded_room({x.size(0), 1}, at::kFloat)};
  run(kernel, networks::cuda::ByteRowsCall{.format = format(x.scalar_type()),
                                           .rows = x.size(0),
                                           .channels = x.size(1),
                                           .source = in(x),
                                           .result = out.bytes.mutable_data_ptr(),
                                           .scales = out.scales.mutable_data_ptr<float>()});
  return out;
}

/// Nine rows, one of them of zeros.
at::Tensor nine_rows(int64_t channels, at::ScalarType type, int64_t behind) {
  const at::Tensor x = random({9, channels}, type, 3, 0, behind);
  x[4].zero_();
  return x;
}

struct Int8End {
  at::Tensor product, row_scales, scales, bias, onto;
};

at::Tensor int8_end(const Int8End& end, bool gated, at::ScalarType type, int64_t behind) {
  const int64_t rows = end.product.size(0), channels = end.product.size(1) / (gated ? 2 : 1);
  const at::Tensor result = guarded_room({rows, channels}, type, behind);
  run(kernels().int8_end, networks::cuda::Int8EndCall{.format = format(type),
                                                      .rows = rows,
                                                      .channels = channels,
                                                      .is_gated = gated,
                                                      .product = end.product.const_data_ptr<int32_t>(),
                                                      .row_scales = end.row_scales.const_data_ptr<float>(),
                                                      .scales = end.scales.const_data_ptr<float>(),
                                                      .bias = in(end.bias),
                                                      .onto = in(end.onto),
                                                      .result = result.mutable_data_ptr()});
  return result;
}

at::Tensor float64_int8_end(const Int8End& end, bool gated) {
  at::Tensor y = exact(end.product) * exact(end.row_scales) * exact(end.scales);
  if (end.bias.defined()) y = y + exact(end.bias);
  if (gated) y = y.chunk(2, -1)[0] * at::gelu(y.chunk(2, -1)[1]);
  return end.onto.defined() ? y + exact(end.onto) : y;
}

void check_int8_end(int64_t channels, bool gated, bool adds, at::ScalarType type, int64_t behind) {
  const int64_t outputs = channels * (gated ? 2 : 1);
  const Int8End end{.product = guarded(at::randint(-2000000, 2000000, {19, outputs}, at::kInt), behind),
                    .row_scales = guarded(random({19, 1}, at::kFloat).abs() * 1e-3),
                    .scales = guarded(random({outputs}, at::kFloat).abs() * 1e-3),
                    .bias = adds ? random({outputs}, type) : at::Tensor(),
                    .onto = adds ? random({19, channels}, type) : at::Tensor()};
  CHECK(excess(int8_end(end, gated, type, behind), float64_int8_end(end, gated), 2e-5) < 1);
}
}  // namespace

TEST_CASE("emulated fp8 rows: the nearest in e4m3, of which the largest of a row is 448") {
  for (const at::ScalarType type : kTypes)
    for (const int64_t channels : {1, 8, 33, 640, 1280, 5120})
      for (const int64_t behind : kBehind) {
        CAPTURE(type);
        CAPTURE(channels);
        CAPTURE(behind);
        const at::Tensor x = nine_rows(channels, type, behind);
        const auto [bytes, scales] = rows(kernels().fp8_rows, x, behind);
        const at::Tensor values = bytes.view(at::kFloat8_e4m3fn).to(at::kDouble), largest = values.abs().amax(-1);
        CHECK(largest[4].item<double>() == 0);
        CHECK(largest.eq(448).sum().item<int64_t>() == 8);
        // half a unit of e4m3's three bits, and of its smallest number
        const at::Tensor allowed = exact(x).abs() * 0x1.01p-4 + exact(scales) * 0x1p-10;
        CHECK((values * exact(scales) - exact(x)).abs().le(allowed).all().item<bool>());
      }
}

TEST_CASE("emulated int8 rows: the bytes and scales of the CPU's") {
  for (const at::ScalarType type : kTypes)
    for (const int64_t channels : {1, 8, 33, 640, 1280, 5120})
      for (const int64_t behind : kBehind) {
        CAPTURE(type);
        CAPTURE(channels);
        CAPTURE(behind);
        const at::Tensor x = nine_rows(channels, type, behind);
        const auto [bytes, scales] = rows(kernels().int8_rows, x, behind);
        const networks::Int8RowTensors want =
            networks::int8_rows(type == at::kHalf ? x.to(at::kFloat) : x.contiguous(), channels);
        CHECK(scales.flatten().equal(want.scales));
        CHECK((bytes.view(at::kChar).to(at::kInt) + 128).equal(want.bytes.narrow(1, 0, channels).to(at::kInt)));
      }
}

TEST_CASE("emulated int8 end: equals the scaled sum in float64, gated or not, with what is added and without") {
  for (const at::ScalarType type : kTypes)
    for (const int64_t channels : {1, 3, 8, 12, 640, 2560})
      for (const bool gated : {false, true})
        for (const bool adds : {false, true})
          for (const int64_t behind : kBehind) {
            CAPTURE(type);
            CAPTURE(channels);
            CAPTURE(gated);
            CAPTURE(adds);
            CAPTURE(behind);
            check_int8_end(channels, gated, adds, type, behind);
          }
}
