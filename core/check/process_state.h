#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

/// The state of the process that a plugin may have changed.
namespace calotype::check {

/// The bytes that are allocated and not freed.
size_t heap_bytes();
int threads();
int open_files();
/// Whether a file is mapped into the process.
bool is_mapped(const std::string& file);
/// The bytes that this process wrote to standard output and error.
size_t written();
/// Rounding mode, exception masks, and the treatment of denormals.
uint32_t float_mode();

/// The growth of the heap from a few calls of `body` to `count` calls. What the first calls keep for good does not
/// count.
template <class Body>
size_t heap_growth(int calls, Body&& body) {
  for (int i = 0; i < 16; ++i) body();
  const size_t before = heap_bytes();
  for (int i = 0; i < calls; ++i) body();
  const size_t after = heap_bytes();
  return after > before ? after - before : 0;
}

}  // namespace calotype::check
