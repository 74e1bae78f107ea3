#pragma once
#include <calotype/tensor.h>
#include <malloc.h>

namespace calotype::networks {

/// Gives what was freed on the CPU back to the system, after much was. glibc before 2.38 seldom finds a freed aligned
/// block for another of its size, so the heap would grow with every layer.
inline void trim_heap(at::Device device) {
  if (device.is_cpu()) malloc_trim(0);
}

}  // namespace calotype::networks
