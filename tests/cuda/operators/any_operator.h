#pragma once
#include <ATen/core/dispatch/Dispatcher.h>

namespace stand_in {

/// Any operator of ATen with a tensor on CUDA, done by the one for the CPU of the same name.
void any_operator(const c10::OperatorHandle& op, torch::jit::Stack* stack);

}  // namespace stand_in
