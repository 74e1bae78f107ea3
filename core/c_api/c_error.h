#pragma once
#include <calotype/error.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "base/error_boundary.h"

namespace calotype {

/// Keeps an error for calotype_last_error, of this thread. Returns its number.
int32_t keep_error(const Error& error) noexcept;

/// Runs `body` behind the C interface: 0, or the number of what it threw.
template <class Body>
int32_t behind_c(Body&& body) noexcept {
  try {
    at_border("", std::forward<Body>(body));
    return 0;
  } catch (const Error& e) {
    return keep_error(e);
  }
}

/// Throws Error (usage) where a pointer is null.
template <class T>
T& wanted(T* pointer, const char* name) {
  if (!pointer) throw Error(ErrorCode::usage, std::string(name) + ": want a pointer, got null");
  return *pointer;
}

/// A copy of what the caller gave, with defaults where its size ends. Throws Error (usage) where the size is too small
/// to be one.
template <class T>
T copy_of(const T* given, const char* name) {
  T out{};
  if (!given) return out;
  if (given->size < sizeof(given->size))
    throw Error(ErrorCode::usage,
                std::string(name) + ".size: want its size in bytes, got " + std::to_string(given->size));
  std::memcpy(&out, given, std::min(size_t(given->size), sizeof out));
  return out;
}

}  // namespace calotype
