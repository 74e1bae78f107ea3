#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

namespace calotype::networks {

/// Classifier-free guidance (CFG).
struct Guidance {
  double scale = 1;    ///< Ho and Salimans 2022, arXiv:2207.12598, as Imagen writes it: 1 is none
  double rescale = 0;  ///< phi of Lin et al. 2023, arXiv:2305.08891, equation 16; 0 is none
  /// [0,1]: the part of the steps that are guided (Kynkaanniemi et al. 2024, arXiv:2404.07724, who give sigmas);
  /// as in diffusers' guiders the first one is int(start * steps), the first after them int(end * steps).
  double start = 0, end = 1;

  bool is_always() const { return start <= 0 && end >= 1; }
  bool is_at(double sigma, const std::vector<double>& sigmas) const;
};

/// unconditional + scale * (conditional - unconditional), then rescaled to the deviation of `conditional`: [N,4,H,W]
/// float32.
at::Tensor guided(const at::Tensor& unconditional, const at::Tensor& conditional, Guidance guidance);

}  // namespace calotype::networks
