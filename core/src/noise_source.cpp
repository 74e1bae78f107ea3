#include "noise_source.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/empty.h>

#include "philox_noise.h"
#include "torch_noise.h"

namespace calotype {
namespace {

std::span<float> numbers(at::Tensor& x) { return {x.mutable_data_ptr<float>(), size_t(x.numel())}; }

}  // namespace

NoiseSource::NoiseSource(std::string_view kind, uint64_t seed)
    : is_philox_(kind == "philox"), is_brownian_(kind == "brownian"), seed_(seed), generator_(at::detail::createCPUGenerator(seed)) {}

at::Tensor NoiseSource::draw(at::IntArrayRef shape) {
  if (!is_philox_) return torch_noise(shape, generator_);
  at::Tensor out = at::empty(shape, at::kFloat);
  philox_noise(seed_, draws_++, numbers(out));
  return out;
}

at::Tensor NoiseSource::between(double sigma, double sigma_next, at::IntArrayRef shape) {
  if (!is_brownian_) return draw(shape);
  at::Tensor out = at::empty(shape, at::kFloat);
  if (!path_ || path_count_ != out.numel()) path_.emplace(seed_ ^ paths_ * 0x9e3779b97f4a7c15, size_t(path_count_ = out.numel()));
  path_->increment(sigma, sigma_next, numbers(out));
  return out;
}

void NoiseSource::begin_path() {
  path_.reset();
  ++paths_;
}

}  // namespace calotype
