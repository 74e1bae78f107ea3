#include "noise/torch_noise.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Version.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <mutex>

#include "noise/box_muller.h"

namespace calotype {
namespace {

using State = at::mt19937_data_pod;

/// Uniform numbers of [0,1) from the engine's next words.
void uniform(const NoiseKernels& kernels, State& state, float* out, int64_t count) {
  while (count > 0) {
    // left_ is one more than the number of words left
    if (state.left_ == 1) kernels.twist(state.state_.data()), state.left_ = at::MERSENNE_STATE_N + 1, state.next_ = 0;
    const int n = int(std::min<int64_t>(count, state.left_ - 1));
    kernels.uniform(state.state_.data() + state.next_, out, n);
    state.left_ -= n, state.next_ += uint32_t(n);
    out += n, count -= n;
  }
}

}  // namespace

at::Tensor torch_noise(at::IntArrayRef shape, const at::Generator& generator) {
  at::Tensor out = at::empty(shape, at::kFloat);
  torch_noise(out, generator);
  return out;
}

void torch_noise(at::Tensor& out, const at::Generator& generator) {
  const NoiseKernels* kernels = noise_kernels(at::get_cpu_capability());
  const int64_t count = out.numel(), chunk = 16;
  if (!kernels || count < chunk) {
    out.normal_(0, 1, generator);
    return;
  }
  auto* const source = at::check_generator<at::CPUGeneratorImpl>(generator);
  const std::lock_guard lock(source->mutex_);
  at::mt19937 engine = source->engine();
  State state = engine.data();
  float* const to = out.mutable_data_ptr<float>();
  uniform(*kernels, state, to, count);
  kernels->box_muller(to, count / chunk);
  if (count % chunk) {  // torch computes the last 16 again
    uniform(*kernels, state, to + count - chunk, chunk);
    kernels->box_muller(to + count - chunk, 1);
  }
  engine.set_data(state);
  source->set_engine(engine);
}

}  // namespace calotype
