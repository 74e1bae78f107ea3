#include "engine/sampler_handles.h"

#include <ATen/ops/empty_like.h>

#include "noise/tensor_ownership.h"

namespace calotype {

SamplerHandles::~SamplerHandles() {
  while (first_) delete std::exchange(first_, first_->next);
}

calotype_latents* SamplerHandles::lend(at::Tensor tensor) {
  calotype_latents* handle = first_;
  while (handle && (handle->lent || handle->tensor.defined())) handle = handle->next;
  if (!handle) handle = first_ = new calotype_latents{{}, false, first_};
  handle->tensor = std::move(tensor);
  handle->lent = true;
  return handle;
}

calotype_latents* SamplerHandles::lend_like(const at::Tensor& tensor) {
  for (calotype_latents* handle = first_; handle; handle = handle->next) {
    if (handle->lent || !handle->tensor.defined() || handle->tensor.sizes() != tensor.sizes()) continue;
    handle->lent = true;
    --kept_;
    return handle;
  }
  return lend(at::empty_like(tensor));
}

void SamplerHandles::take_back(calotype_latents* latents) noexcept {
  if (!latents || !latents->lent) return;
  latents->lent = false;
  // another holder (a model that caches its output, or gives a part of it) keeps the memory
  if (is_held_alone(latents->tensor) && kept_ < kMostKept)
    ++kept_;
  else
    latents->tensor.reset();
}

bool SamplerHandles::has(const calotype_latents* latents) const {
  const calotype_latents* handle = first_;
  while (handle && handle != latents) handle = handle->next;
  return handle && handle->lent;
}

}  // namespace calotype
