#include "networks/kernels/cpu_int8_rows.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include "networks/kernels/cpu/int8_linear.h"
#include "networks/kernels/cpu_tensors.h"
#include "networks/kernels/kernel_checks.h"

namespace calotype::networks {

Int8RowTensors int8_rows(const at::Tensor& x, int64_t width) {
  const KernelChecks checks("cpu int8 rows", x, 0, KernelChecks::kOnCpu);
  checks.in_place("x", x, x.scalar_type());
  checks.channels(width);
  checks.channels(x.size(-1), width);
  const int64_t count = x.numel() / width;
  Int8RowTensors rows{at::empty({count, cpu::int8_row_bytes(width)}, at::kByte), at::empty({count}, at::kFloat)};
  of_type(x, [&](auto number) {
    at::parallel_for(0, count, kGrain / width + 1, [&](int64_t begin, int64_t end) {
      cpu::quantize_rows(in<decltype(number)>(x), width, width, out<uint8_t>(rows.bytes), out<float>(rows.scales),
                         begin, end);
    });
  });
  return rows;
}

}  // namespace calotype::networks
