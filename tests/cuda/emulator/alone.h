#pragma once
#include "networks/kernels/cuda/kernels.h"

namespace calotype::emulator {

/// What emulated_kernels.so gives tests, which open it: the kernels without CUDA's runtime, run by the caller's thread
/// before they return.
struct Alone {
  networks::cuda::Library kernels;  ///< no graphs
  void (*set_seed)(uint64_t seed);
  /// The finding of that index of those since the last clear_findings(), or null; valid until then.
  const char* (*finding)(size_t index);
  void (*clear_findings)();
};
constexpr const char* kAloneSymbol = "calotype_emulated_kernels";
using GetAlone = const Alone*();

}  // namespace calotype::emulator
