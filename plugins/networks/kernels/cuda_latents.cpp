#include "networks/kernels/cuda_latents.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include "networks/kernels/cuda_launch.h"
#include "networks/kernels/kernel_checks.h"

namespace calotype::networks {

at::Tensor cuda_scaled(const at::Tensor& x, double factor, int64_t copies, at::ScalarType type) {
  const KernelChecks checks("cuda scaled latents", x, 4);
  checks.type("x", x.scalar_type(), at::kFloat);
  checks.kernel_type("result", type);
  const at::Tensor source = x.contiguous();
  const at::Tensor result = at::empty({copies * x.size(0), x.size(1), x.size(2), x.size(3)}, x.options().dtype(type),
                                      at::MemoryFormat::ChannelsLast);
  launch("scaled latents", x, cuda_library().scaled,
         cuda::ScaledCall{.format = format(result),
                          .images = x.size(0),
                          .places = x.size(2) * x.size(3),
                          .channels = x.size(1),
                          .copies = int32_t(copies),
                          .factor = float(factor),
                          .source = source.const_data_ptr<float>(),
                          .result = result.mutable_data_ptr()});
  return result;
}

at::Tensor cuda_denoised(const at::Tensor& x, const at::Tensor& output, double of_x, double of_output,
                         std::optional<double> guidance_scale) {
  const KernelChecks checks("cuda denoised latents", x, 4);
  checks.type("x", x.scalar_type(), at::kFloat);
  checks.input("output", output, {(guidance_scale ? 2 : 1) * x.size(0), x.size(1), x.size(2), x.size(3)});
  checks.kernel_type("output", output.scalar_type());
  const at::Tensor source = x.contiguous(), from = output.contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor result = at::empty_like(source);
  launch("denoised latents", x, cuda_library().denoised,
         cuda::DenoisedCall{.format = format(from),
                            .images = x.size(0),
                            .places = x.size(2) * x.size(3),
                            .channels = x.size(1),
                            .of_x = float(of_x),
                            .of_output = float(of_output),
                            .guidance_scale = float(guidance_scale.value_or(1)),
                            .is_guided = guidance_scale.has_value(),
                            .x = source.const_data_ptr<float>(),
                            .output = in(from),
                            .result = result.mutable_data_ptr<float>()});
  return result;
}

}  // namespace calotype::networks
