#include <ATen/ops/copy_native.h>
#include <ATen/ops/empty.h>

#include "own_operators.h"
#include "tensors.h"

namespace stand_in {
namespace {

at::Tensor& copy_on_device(at::Tensor& self, const at::Tensor& source) {
  TORCH_CHECK(self.device() == source.device(), "stand-in: a copy of ", source.device(), " to ", self.device(),
              " that changes numbers or layout");
  Ranges ranges;
  ranges.add(self, true), ranges.add(source, false);
  queue(self.device(), "aten::copy_", ranges, [to = seen_by_cpu(self), from = seen_by_cpu(source)] {
    const at::AutoDispatchBelowADInplaceOrView below;
    to.copy_(from);
  });
  return self;
}

/// Whether the bytes are copied as they are.
bool is_plain(const at::Tensor& a, const at::Tensor& b) {
  return a.scalar_type() == b.scalar_type() && a.sizes() == b.sizes() && a.strides() == b.strides() &&
         a.is_non_overlapping_and_dense();
}

}  // namespace

// As libtorch's own: numbers from the CPU are converted there and laid out by the GPU, numbers for it are laid out by
// the GPU.
at::Tensor& copy(at::Tensor& self, const at::Tensor& source, bool non_blocking) {
  if (!self.numel()) return self;
  const bool is_between_devices = self.is_cuda() && source.is_cuda() && self.device() != source.device();
  if (self.is_cuda() && source.is_cuda() && !is_between_devices) return copy_on_device(self, source);
  if (is_plain(self, source)) return at::native::copy_(self, source, non_blocking);
  if (is_between_devices) {
    const at::Tensor dense = at::empty(source.sizes(), source.options()),
                     there = at::empty(source.sizes(), source.options().device(self.device()));
    copy_on_device(const_cast<at::Tensor&>(dense), source);
    at::native::copy_(const_cast<at::Tensor&>(there), dense, non_blocking);
    return copy_on_device(self, there);
  }
  if (self.is_cuda()) {
    const at::Tensor here = source.to(self.scalar_type()).expand_as(self).contiguous();
    at::Tensor there = at::empty(here.sizes(), self.options());
    at::native::copy_(there, here, false);
    return copy_on_device(self, there);
  }
  at::Tensor dense = at::empty(source.sizes(), source.options()),
             here = at::empty(source.sizes(), source.options().device(at::kCPU));
  copy_on_device(dense, source);
  at::native::copy_(here, dense, false);
  return self.copy_(here);
}

}  // namespace stand_in
