#include "networks/ops/cuda_int8.h"

#include <ATen/ops/_int_mm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include "networks/kernels/cuda_byte_rows.h"
#include "networks/kernels/cuda_launch.h"
#include "networks/kernels/cuda_ops.h"
#include "networks/kernels/kernel_checks.h"

namespace calotype::networks {
namespace {

/// The product that libtorch asks cuBLAS for has more than 16 rows: fewer are filled up with zeros.
constexpr int64_t kFewRows = 16, kFilledUp = 32;

at::Tensor product(const at::Tensor& rows, const at::Tensor& weight) {
  if (rows.size(0) > kFewRows) return at::_int_mm(rows, weight.t());
  const at::Tensor filled = at::zeros({kFilledUp, rows.size(1)}, rows.options());
  filled.narrow(0, 0, rows.size(0)).copy_(rows);
  return at::_int_mm(filled, weight.t()).narrow(0, 0, rows.size(0));
}

class CudaInt8Weight final : public LinearWeight {
 public:
  CudaInt8Weight(const at::Tensor& weight, bool gated) : weight_(cuda_int8_rows(weight)), gated_(gated) {}

  at::Tensor linear(const at::Tensor& x, const at::Tensor& bias, const at::Tensor& onto) const override {
    return linear_of_bytes(bytes_of(x), bias, onto);
  }
  std::optional<at::ScalarType> byte_type() const override { return at::kChar; }
  at::Tensor linear_of_bytes(const ByteRows& x, const at::Tensor& bias, const at::Tensor& onto) const override {
    const at::Tensor result = at::empty(result_shape(x), weight_.scales.options().dtype(x.type));
    check(x, bias, onto);
    const at::Tensor sums = sums_of(x), offset = dense(bias, result), added = dense(onto, result);
    cuda::Int8EndCall call = end_call(x, sums, offset);
    call.onto = in(added), call.result = result.mutable_data_ptr();
    launch("int8 end", result, cuda_library().int8_end, call);
    return result;
  }
  ByteRows gated_bytes(const LayerInput& input, const at::Tensor& bias, at::ScalarType type) const override {
    const auto* bytes = std::get_if<ByteRows>(&input);
    const ByteRows x = bytes ? *bytes : bytes_of(std::get<at::Tensor>(input));
    const at::Tensor like = at::empty({0}, weight_.scales.options().dtype(x.type));
    check(x, bias, {});
    const at::Tensor sums = sums_of(x), offset = dense(bias, like);
    const ByteRows rows = empty_byte_rows(like, result_shape(x), type);
    launch("int8 end", like, cuda_library().int8_end_bytes,
           cuda::Int8EndBytesCall{end_call(x, sums, offset), rows_of(rows)});
    return rows;
  }

 private:
  static ByteRows bytes_of(const at::Tensor& x) {
    const KernelChecks checks("cuda int8 product", x, 0);
    const CudaInt8Rows rows = cuda_int8_rows(x.flatten(0, -2));
    return {rows.bytes.view(x.sizes()), rows.scales, x.scalar_type()};
  }
  std::vector<int64_t> result_shape(const ByteRows& x) const {
    auto shape = x.bytes.sizes().vec();
    shape.back() = weight_.bytes.size(0) / (gated_ ? 2 : 1);
    return shape;
  }
  void check(const ByteRows& x, const at::Tensor& bias, const at::Tensor& onto) const {
    const KernelChecks checks("cuda int8 product", weight_.scales, 0);
    auto shape = x.bytes.sizes().vec();
    shape.back() = weight_.bytes.size(1);
    checks.input("x", x.bytes, shape);
    checks.weight_or_none("bias", bias, {weight_.bytes.size(0)});
    checks.input_or_none("onto", onto, result_shape(x));
  }
  at::Tensor sums_of(const ByteRows& x) const { return product(x.bytes.flatten(0, -2), weight_.bytes); }

  cuda::Int8EndCall end_call(const ByteRows& x, const at::Tensor& sums, const at::Tensor& bias) const {
    return {.format = format(x.type),
            .rows = sums.size(0),
            .channels = weight_.bytes.size(0) / (gated_ ? 2 : 1),
            .is_gated = gated_,
            .product = sums.const_data_ptr<int32_t>(),
            .row_scales = x.scales.const_data_ptr<float>(),
            .scales = weight_.scales.const_data_ptr<float>(),
            .bias = in(bias),
            .onto = nullptr,
            .result = nullptr};
  }

  CudaInt8Rows weight_;  // [out,in], [out]
  bool gated_;
};

}  // namespace

bool can_multiply_int8(const at::Tensor& weight) {
  return has_cuda_kernels(weight) && weight.size(0) % 8 == 0 && weight.size(1) % 8 == 0;
}

CudaInt8Rows cuda_int8_rows(const at::Tensor& x) {
  KernelChecks("cuda int8 rows", x, 2).channels(x.size(1));
  const at::Tensor source = x.contiguous();
  const CudaInt8Rows rows{at::empty(x.sizes(), x.options().dtype(at::kChar)),
                          at::empty({x.size(0)}, x.options().dtype(at::kFloat))};
  launch("int8 rows", x, cuda_library().int8_rows,
         cuda::ByteRowsCall{.format = format(x),
                            .rows = x.size(0),
                            .channels = x.size(1),
                            .source = in(source),
                            .result = rows.bytes.mutable_data_ptr(),
                            .scales = rows.scales.mutable_data_ptr<float>()});
  return rows;
}

std::shared_ptr<const LinearWeight> cuda_int8_weight(const at::Tensor& weight, bool gated) {
  return std::make_shared<CudaInt8Weight>(weight, gated);
}

}  // namespace calotype::networks
