#include "networks/model/classifier_free_guidance.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/std.h>

#include "networks/components/step_of.h"

namespace calotype::networks {

at::Tensor guided(const at::Tensor& unconditional, const at::Tensor& conditional, Guidance guidance) {
  const at::Tensor sum = unconditional + guidance.scale * (conditional - unconditional);
  if (guidance.rescale == 0) return sum;
  const auto deviation = [](const at::Tensor& x) { return at::std(x, {1, 2, 3}, /*unbiased=*/true, /*keepdim=*/true); };
  return sum * (guidance.rescale * (deviation(conditional) / deviation(sum)) + (1 - guidance.rescale));
}

bool Guidance::is_at(double sigma, const std::vector<double>& sigmas) const {
  if (is_always()) return true;
  const double steps = double(sigmas.size()) - 1;
  const auto step_at = [steps](double part) { return size_t(part * steps + 1e-9); };  // 0.29 * 100 is less than 29
  const size_t step = step_of(sigma, sigmas);
  return step >= step_at(start) && step < step_at(end);
}

}  // namespace calotype::networks
