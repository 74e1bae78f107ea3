#include "cuda_int8.h"

#include <ATen/ops/_int_mm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include "cuda_checks.h"
#include "cuda_launch.h"
#include "cuda_ops.h"

namespace calotype::sdxl {
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
    const CudaChecks checks("int8 product", x, 0);
    const auto shape = with_last(x, weight_.bytes.size(0) / (gated_ ? 2 : 1));
    checks.input("x", x, with_last(x, weight_.bytes.size(1)));
    checks.weight_or_none("bias", bias, {weight_.bytes.size(0)});
    checks.input_or_none("onto", onto, shape);
    const CudaInt8Rows rows = cuda_int8_rows(x.flatten(0, -2));
    const at::Tensor result = at::empty(shape, x.options());
    end(product(rows.bytes, weight_.bytes), rows.scales, dense(bias, x), dense(onto, x), result);
    return result;
  }

 private:
  static std::vector<int64_t> with_last(const at::Tensor& x, int64_t channels) {
    auto shape = x.sizes().vec();
    shape.back() = channels;
    return shape;
  }

  void end(const at::Tensor& sums, const at::Tensor& row_scales, const at::Tensor& bias, const at::Tensor& onto,
           const at::Tensor& result) const {
    launch("int8 end", result, cuda_library().int8_end,
           cuda::Int8EndCall{.format = format(result),
                             .rows = sums.size(0),
                             .channels = result.size(-1),
                             .is_gated = gated_,
                             .product = sums.const_data_ptr<int32_t>(),
                             .row_scales = row_scales.const_data_ptr<float>(),
                             .scales = weight_.scales.const_data_ptr<float>(),
                             .bias = in(bias),
                             .onto = in(onto),
                             .result = result.mutable_data_ptr()});
  }

  CudaInt8Rows weight_;  // [out,in], [out]
  bool gated_;
};

}  // namespace

bool can_multiply_int8(const at::Tensor& weight) {
  return has_cuda_kernels(weight) && weight.size(0) % 8 == 0 && weight.size(1) % 8 == 0;
}

CudaInt8Rows cuda_int8_rows(const at::Tensor& x) {
  CudaChecks("int8 rows", x, 2).channels(x.size(1));
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

}  // namespace calotype::sdxl
