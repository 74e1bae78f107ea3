#include "noise/noise_source.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/empty.h>

#include "noise/philox_noise.h"
#include "noise/slerp.h"
#include "noise/tensor_ownership.h"
#include "noise/torch_noise.h"

namespace calotype {
namespace {

std::span<float> numbers(at::Tensor& x) {
  return {x.mutable_data_ptr<float>(), size_t(x.numel())};
}

}  // namespace

NoiseSource::NoiseSource(NoiseKind kind, uint64_t seed, uint64_t step_seed)
    : is_philox_(kind == NoiseKind::philox),
      is_brownian_(kind == NoiseKind::brownian),
      seed_(seed),
      seed_now_(seed),
      step_seed_(step_seed),
      generator_(at::detail::createCPUGenerator(seed)) {}

void NoiseSource::vary(uint64_t seed, double strength) {
  other_ = std::make_unique<NoiseSource>(is_philox_ ? NoiseKind::philox : NoiseKind::torch, seed, seed);
  strength_ = strength;
}

at::Tensor NoiseSource::sample(at::IntArrayRef shape) {
  const at::Tensor own = sample_unvaried(shape);
  return other_ ? slerp(strength_, own, other_->sample(shape)) : own;
}

at::Tensor NoiseSource::sample_unvaried(at::IntArrayRef shape) {
  at::Tensor out = room(shape);
  if (is_philox_)
    philox_noise(seed_now_, calls_++, numbers(out));
  else
    torch_noise(out, generator_);
  return out;
}

at::Tensor NoiseSource::between(double sigma, double sigma_next, at::IntArrayRef shape) {
  if (!is_brownian_) {
    if (seed_now_ != step_seed_) calls_ = 0, generator_ = at::detail::createCPUGenerator(seed_now_ = step_seed_);
    return sample_unvaried(shape);
  }
  at::Tensor out = room(shape);
  if (!path_ || path_count_ != out.numel())
    path_.emplace(seed_ ^ paths_ * 0x9e3779b97f4a7c15, size_t(path_count_ = out.numel()));
  path_->increment(sigma, sigma_next, numbers(out));
  return out;
}

void NoiseSource::begin_path() {
  path_.reset();
  ++paths_;
}

at::Tensor NoiseSource::room(at::IntArrayRef shape) {
  constexpr size_t kMost = 3;  // the most that a sampler holds at a time
  for (const at::Tensor& room : rooms_)
    if (is_held_alone(room) && room.sizes() == shape) return room;
  if (rooms_.size() == kMost) rooms_.erase(rooms_.begin());
  return rooms_.emplace_back(at::empty(shape, at::kFloat));
}

}  // namespace calotype
