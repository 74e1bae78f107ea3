#include "guarded_tensor.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <sys/mman.h>

#include <cstring>
#include <new>

namespace calotype::test {
namespace {

constexpr size_t kPage = 4096;

/// Full of bytes of 255, which is NaN in every format.
at::Tensor room_like(const at::Tensor& t, int64_t behind) {
  const size_t size = size_t(t.numel() + behind) * t.element_size(), pages = (size + kPage - 1) / kPage * kPage;
  void* all = mmap(nullptr, pages + 2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) throw std::bad_alloc();
  char* inner = static_cast<char*>(all) + kPage;
  mprotect(all, kPage, PROT_NONE);
  mprotect(inner + pages, kPage, PROT_NONE);
  std::memset(inner, 0xff, pages);
  return at::from_blob(
      inner + pages - size, t.sizes(), t.strides(), [=](void*) { munmap(all, pages + 2 * kPage); }, t.options());
}

}  // namespace

at::Tensor guarded(const at::Tensor& t, int64_t behind) {
  return room_like(t, behind).copy_(t);
}

at::Tensor guarded_room(at::IntArrayRef shape, at::ScalarType type, int64_t behind) {
  return room_like(at::empty(shape, type), behind);
}

}  // namespace calotype::test
