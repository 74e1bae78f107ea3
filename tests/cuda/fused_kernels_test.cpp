// Kernels of plugins/networks/kernels/cuda whose result is bytes: each gives the bits of the kernel that gives numbers
// and of the one that brings rows of them to bytes, one after the other.
#include <ATen/TensorOperators.h>
#include <ATen/ops/randint.h>

#include "emulated_kernels.h"

namespace {
using namespace calotype;
using namespace calotype::test;
using networks::cuda::ByteFormat;

constexpr ByteFormat kFormats[] = {ByteFormat::kE4m3, ByteFormat::kInt8};
constexpr int64_t kRows = 16;  // where bytes of any width are aligned: else a norm sums in another order

struct Bytes {
  at::Tensor bytes, scales;  // [rows,channels], [rows]
  Bytes(int64_t channels, int64_t behind)
      : bytes(guarded_room({kRows, channels}, at::kByte, behind)), scales(guarded_room({kRows}, at::kFloat)) {}
  networks::cuda::ByteRows rows(ByteFormat to) const {
    return {to, bytes.mutable_data_ptr(), scales.mutable_data_ptr<float>()};
  }
};

Bytes bytes_of(const at::Tensor& x, ByteFormat to) {
  const Bytes out(x.size(1), 0);
  run(to == ByteFormat::kE4m3 ? kernels().fp8_rows : kernels().int8_rows,
      networks::cuda::ByteRowsCall{.format = format(x.scalar_type()),
                                   .rows = x.size(0),
                                   .channels = x.size(1),
                                   .source = in(x),
                                   .result = out.bytes.mutable_data_ptr(),
                                   .scales = out.scales.mutable_data_ptr<float>()});
  return out;
}

void check_equal(const Bytes& got, const Bytes& want) {
  CHECK(got.scales.equal(want.scales));
  CHECK(got.bytes.equal(want.bytes));
}

/// Runs f with each format of numbers and bytes, of some channels and starts.
template <class F>
void each(std::initializer_list<int64_t> all_channels, F f) {
  for (const at::ScalarType type : kTypes)
    for (const ByteFormat to : kFormats)
      for (const int64_t channels : all_channels)
        for (const int64_t behind : kBehind) {
          CAPTURE(type);
          CAPTURE(int(to));
          CAPTURE(channels);
          CAPTURE(behind);
          f(type, to, channels, behind);
        }
}
}  // namespace

TEST_CASE("emulated layer norm in bytes: gives the bits of the norm and of its rows, and the sum") {
  each({1, 8, 33, 640, 1024, 1280, 2048, 2056, 2060}, [](at::ScalarType type, ByteFormat to, int64_t channels,
                                                         int64_t behind) {
    for (const bool adds : {false, true}) {
      const at::Tensor x = random({kRows, channels}, type, 2, 1, behind), weight = random({channels}, type),
                       bias = random({channels}, type), onto = adds ? random({kRows, channels}, type) : at::Tensor(),
                       result = guarded_room({kRows, channels}, type),
                       sum = adds ? guarded_room({kRows, channels}, type, behind) : at::Tensor();
      networks::cuda::LayerNormCall call{.format = format(type),
                                         .rows = kRows,
                                         .channels = channels,
                                         .epsilon = 1e-5,
                                         .source = in(x),
                                         .onto = in(onto),
                                         .weight = in(weight),
                                         .bias = in(bias),
                                         .sum = adds ? sum.mutable_data_ptr() : nullptr,
                                         .result = result.mutable_data_ptr()};
      run(kernels().layer_norm, call);
      call.result = nullptr;
      const Bytes got(channels, behind);
      run(kernels().layer_norm_bytes, networks::cuda::LayerNormBytesCall{call, got.rows(to)});
      check_equal(got, bytes_of(result, to));
      if (adds) CHECK(sum.equal(x + onto));
    }
  });
}

TEST_CASE("emulated geglu in bytes: gives the bits of the gate and of its rows") {
  each({1, 8, 33, 2560, 5124}, [](at::ScalarType type, ByteFormat to, int64_t channels, int64_t behind) {
    const at::Tensor x = random({kRows, 2 * channels}, type, 3, 0, behind), bias = random({2 * channels}, type),
                     result = guarded_room({kRows, channels}, type);
    networks::cuda::GegluCall call{format(type), kRows, channels, in(x), in(bias), result.mutable_data_ptr()};
    run(kernels().geglu, call);
    call.result = nullptr;
    const Bytes got(channels, behind);
    run(kernels().geglu_bytes, networks::cuda::GegluBytesCall{call, got.rows(to)});
    check_equal(got, bytes_of(result, to));
  });
}

TEST_CASE("emulated int8 end in bytes: gives the bits of the gated end and of its rows") {
  each({1, 8, 33, 2560}, [](at::ScalarType type, ByteFormat to, int64_t channels, int64_t behind) {
    const at::Tensor product = guarded(at::randint(-2000000, 2000000, {kRows, 2 * channels}, at::kInt), behind),
                     row_scales = guarded(random({kRows}, at::kFloat).abs() * 1e-3),
                     bias = random({2 * channels}, type),
                     scales = guarded(random({2 * channels}, at::kFloat).abs() * 1e-3),
                     result = guarded_room({kRows, channels}, type);
    networks::cuda::Int8EndCall call{.format = format(type),
                                     .rows = kRows,
                                     .channels = channels,
                                     .is_gated = true,
                                     .product = product.const_data_ptr<int32_t>(),
                                     .row_scales = row_scales.const_data_ptr<float>(),
                                     .scales = scales.const_data_ptr<float>(),
                                     .bias = in(bias),
                                     .onto = nullptr,
                                     .result = result.mutable_data_ptr()};
    run(kernels().int8_end, call);
    call.result = nullptr;
    const Bytes got(channels, behind);
    run(kernels().int8_end_bytes, networks::cuda::Int8EndBytesCall{call, got.rows(to)});
    check_equal(got, bytes_of(result, to));
  });
}
