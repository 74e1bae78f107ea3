#pragma once
#include <calotype/error.h>

#include <stop_token>

namespace calotype {

/// Throws Error (cancelled) once the caller of a run has asked for its end. Asked before each phase and after each
/// model evaluation.
inline void check_cancelled(const std::stop_token& stop) {
  if (stop.stop_requested()) throw Error(ErrorCode::cancelled, "cancelled");
}

}  // namespace calotype
