#include "any_operator.h"

#include <ATen/ops/empty.h>

#include <optional>
#include <utility>

#include "cublas.h"
#include "tensors.h"

namespace stand_in {
namespace {

using c10::IValue;
using torch::jit::Stack;

/// One call of an operator: what it was called with, and the same as operators of the CPU see it.
struct Call {
  const c10::OperatorHandle& op;
  const std::string& name;
  std::vector<IValue> arguments;
  Stack seen{};
  Ranges ranges{};
  std::optional<c10::Device> device{};
  at::Tensor on_cpu{};  ///< a tensor that is not on the device, if there is one

  const c10::Argument& about(size_t i) const { return op.schema().arguments()[i]; }
  bool writes(size_t i) const { return about(i).alias_info() && about(i).alias_info()->isWrite(); }
  bool writes_any() const {
    for (size_t i = 0; i < arguments.size(); ++i)
      if (writes(i)) return true;
    return false;
  }
};

at::Tensor seen(Call& call, const at::Tensor& t, bool is_written) {
  if (is_cuda(t))
    call.device = t.device(), call.ranges.add(t, is_written);
  else if (t.defined() && t.is_cpu() && t.dim() > 0)
    call.on_cpu = t;
  return seen_by_cpu(t);
}

IValue seen(Call& call, const IValue& value, bool is_written) {
  if (value.isTensor()) return seen(call, value.toTensor(), is_written);
  if (value.isDevice()) return c10::Device(at::kCPU);
  if (value.isTensorList()) {
    c10::List<at::Tensor> list;
    for (const at::Tensor& t : value.toTensorVector()) list.push_back(seen(call, t, is_written));
    return list;
  }
  if (value.isOptionalTensorList()) {
    c10::List<std::optional<at::Tensor>> list;
    for (const auto& t : value.toOptionalTensorVector())
      list.push_back(t ? std::optional(seen(call, *t, is_written)) : std::nullopt);
    return list;
  }
  return value;
}

Call read(const c10::OperatorHandle& op, const Stack& stack) {
  const auto last = torch::jit::last(stack, op.schema().arguments().size());
  Call call{op, op.schema().name(), std::vector<IValue>(last.begin(), last.end())};
  for (size_t i = 0; i < call.arguments.size(); ++i) call.seen.push_back(seen(call, call.arguments[i], call.writes(i)));
  TORCH_CHECK(call.device, "stand-in: ", call.name, " without a tensor on CUDA");
  const bool takes_both = call.name == "aten::index" || call.name == "aten::_index_put_impl_";
  TORCH_CHECK(!call.on_cpu.defined() || takes_both,
              "Expected all tensors to be on the same device, but found at least two devices, cpu and ", *call.device,
              "! (", call.name, ")");
  if (multiplies(call.name)) use_cublas(*call.device, call.ranges);
  return call;
}

/// Tensors to write to that have no room yet, as the operators that make new ones hand to those with `out`.
std::vector<size_t> empty_targets(const Call& call) {
  std::vector<size_t> all;
  for (size_t i = 0; i < call.arguments.size(); ++i)
    if (call.writes(i) && call.arguments[i].isTensor() && is_cuda(call.arguments[i].toTensor()) &&
        !call.arguments[i].toTensor().numel())
      all.push_back(i);
  return all;
}

Stack filled(const Call& call, const std::vector<size_t>& targets) {
  const Tensors made =
      made_anew(call.name.c_str(), *call.device, call.ranges, [op = call.op, seen = call.seen, targets] {
        Stack stack = seen;
        Tensors out;
        for (const size_t i : targets) {
          out.push_back(at::empty({0}, stack[i].toTensor().options()));
          stack[i] = out.back();
        }
        op.callBoxed(&stack);
        return out;
      });
  Stack results;
  for (size_t k = 0; k < targets.size(); ++k) results.push_back(call.arguments[targets[k]].toTensor().set_(made[k]));
  return results;
}

/// Of an operator that writes to what it is given: that again, or what else it gives.
Stack written(const Call& call) {
  const auto results = std::make_shared<Stack>();
  queue(*call.device, call.name.c_str(), call.ranges, [op = call.op, seen = call.seen, results, mode = Mode()] {
    Stack stack = seen;
    mode([&] { op.callBoxed(&stack); });
    *results = stack;
  });
  Stack out;
  for (const auto& result : call.op.schema().returns()) {
    const size_t place = out.size();
    for (size_t i = 0; i < call.arguments.size() && out.size() == place; ++i)
      if (result.alias_info() && call.about(i).alias_info() && *call.about(i).alias_info() == *result.alias_info())
        out.push_back(call.arguments[i]);
    if (out.size() == place)
      out.push_back((*results)[place].isTensor() ? IValue(empty_like_on(*call.device, (*results)[place].toTensor()))
                                                 : (*results)[place]);
  }
  return out;
}

/// The tensors of a stack of results, those in lists too.
Tensors tensors_of(const Stack& stack) {
  Tensors all;
  for (const IValue& value : stack) {
    if (value.isTensor()) all.push_back(value.toTensor());
    if (!value.isTensorList()) continue;
    for (const at::Tensor& t : value.toTensorVector()) all.push_back(t);
  }
  return all;
}

Stack made(const Call& call) {
  const auto results = std::make_shared<Stack>();  // of the first time: which are numbers, and how long the lists are
  const Tensors tensors =
      made_anew(call.name.c_str(), *call.device, call.ranges, [op = call.op, seen = call.seen, results] {
        Stack stack = seen;
        op.callBoxed(&stack);
        if (results->empty()) *results = stack;
        return tensors_of(stack);
      });
  Stack out =
      std::exchange(*results, Stack{IValue()});  // a graph keeps `results`, and must not keep the tensors that it makes
  size_t next = 0;
  for (IValue& value : out) {
    if (value.isTensor())
      value = tensors[next++];
    else if (value.isTensorList()) {
      c10::List<at::Tensor> list;
      for (size_t left = value.toTensorVector().size(); left; --left) list.push_back(tensors[next++]);
      value = list;
    }
  }
  return out;
}

}  // namespace

void any_operator(const c10::OperatorHandle& op, Stack* stack) {
  const Call call = read(op, *stack);
  const std::vector<size_t> targets = empty_targets(call);
  Stack results = !targets.empty() ? filled(call, targets) : call.writes_any() ? written(call) : made(call);
  torch::jit::drop(*stack, call.arguments.size());
  for (IValue& value : results) stack->push_back(std::move(value));
}

}  // namespace stand_in
