// Weights that are read in place, where memory runs out.
#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <new>
#include <span>

#include "networks/ops/weight_loading.h"

namespace {
thread_local long left = -1;  // allocations of this thread until one fails; -1: none fails
}

// noinline: seen through, they look to the compiler as if they did not belong together
[[gnu::noinline]] void* operator new(size_t size) {
  if (left >= 0 && left-- == 0) throw std::bad_alloc();
  if (void* memory = std::malloc(size ? size : 1)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}

using namespace calotype::networks;

TEST_CASE(
    "weights: memory that runs out at any allocation of a view of the file is an exception, and the file is told of "
    "each end") {
  alignas(16) const std::array<float, 4> numbers{1, 2, 3, 4};
  const auto bytes = std::as_bytes(std::span(numbers));
  int ended = 0, failed = 0;
  const Weights weights =
      open_weights({{"x", {"F32", {4}, bytes}}}, at::kCPU, at::kFloat, "a file", [&](std::span<const std::byte> data) {
        CHECK(data.data() == bytes.data());
        ++ended;
      });
  REQUIRE(weights.in_place("x").data_ptr() == numbers.data());
  REQUIRE(ended == 1);
  for (long before = 0; before == failed; ++before) {
    left = before;
    try {
      const at::Tensor view = weights.in_place("x");
      left = -1;
      CHECK(view.data_ptr() == numbers.data());
    } catch (const std::bad_alloc&) {
      left = -1;
      ++failed;
    }
  }
  CHECK(failed >= 2);  // what is kept of the use, and the tensor
  CHECK(ended >= 2);
}
