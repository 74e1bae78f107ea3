#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

/// What a plugin may have changed in the process around it.
namespace calotype::check {

/// Bytes that are allocated and not freed.
size_t heap_bytes();
int threads();
int open_files();
/// Whether a file is mapped.
bool is_mapped(const std::string& file);
/// Bytes that this process wrote to its standard output and error.
size_t written();
/// Rounding mode, masks, and what becomes of denormals.
uint32_t float_mode();

/// How much more is allocated after many calls of `body` than after a few. What it keeps for good at first is not
/// counted.
template <class Body>
size_t heap_growth(int calls, Body&& body) {
  for (int i = 0; i < 16; ++i) body();
  const size_t before = heap_bytes();
  for (int i = 0; i < calls; ++i) body();
  const size_t after = heap_bytes();
  return after > before ? after - before : 0;
}

}  // namespace calotype::check
