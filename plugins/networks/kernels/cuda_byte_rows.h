#pragma once
#include <ATen/ops/empty.h>

#include "networks/kernels/byte_rows.h"
#include "networks/kernels/cuda_launch.h"

namespace calotype::networks {

/// Room on x's device for rows of that shape in bytes of a type, int8 or e4m3, which stand for numbers of x's type.
inline ByteRows empty_byte_rows(const at::Tensor& x, at::IntArrayRef shape, at::ScalarType type) {
  const int64_t channels = shape.back();
  const at::Tensor bytes = at::empty(shape, x.options().dtype(type));
  return {bytes, at::empty({bytes.numel() / channels}, x.options().dtype(at::kFloat)), x.scalar_type()};
}

/// As a kernel writes them.
inline cuda::ByteRows rows_of(const ByteRows& rows) {
  return {.format = rows.bytes.scalar_type() == at::kChar ? cuda::ByteFormat::kInt8 : cuda::ByteFormat::kE4m3,
          .bytes = rows.bytes.mutable_data_ptr(),
          .scales = rows.scales.mutable_data_ptr<float>()};
}

}  // namespace calotype::networks
