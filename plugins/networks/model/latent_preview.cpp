#include "networks/model/latent_preview.h"

#include <ATen/ops/stack.h>

namespace calotype::networks {

at::Tensor linear_preview(const at::Tensor& latents, const LatentColors& colors) {
  if (latents.dim() != 4 || latents.size(1) != int64_t(colors.factors.size())) return {};
  const at::Tensor channels = latents.to(at::kFloat);
  std::vector<at::Tensor> planes;
  for (size_t color = 0; color < 3; ++color) {
    at::Tensor plane = channels.select(1, 0).mul(colors.factors[0][color]).add_(colors.bias[color]);
    for (size_t c = 1; c < colors.factors.size(); ++c)
      plane.add_(channels.select(1, int64_t(c)), colors.factors[c][color]);
    planes.push_back(plane);
  }
  return at::stack(planes, 1).add_(1).div_(2).clamp_(0, 1);
}

}  // namespace calotype::networks
