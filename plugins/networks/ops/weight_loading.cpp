#include "networks/ops/weight_loading.h"

#include <ATen/ops/from_blob.h>

#include <memory>
#include <optional>

#include "networks/kernels/cpu_ops.h"
#include "networks/kernels/cuda_library.h"
#include "networks/layouts/stored_values.h"

namespace calotype::networks {
namespace {

/// The scale of a weight in 8 bits, float32, of as many dimensions as the weight.
at::Tensor scale_of(const TensorSource& source, const at::Tensor& weight) {
  const StoredTensor& scale = *source.scale;
  const at::Tensor values = viewed({scale.dtype, scale.shape, scale.data}, stored_type(scale.dtype, "scale", ""));
  std::vector<int64_t> shape(size_t(weight.dim()), 1);
  if (values.numel() > 1) shape.front() = values.numel();
  return values.to(weight.device(), at::kFloat).view(shape);
}

bool is_usual(at::ScalarType type) {
  return type == at::kFloat || type == at::kHalf || type == at::kBFloat16;
}

at::Tensor read_weight(const TensorSource& source, at::ScalarType type, at::Device device, at::ScalarType dtype) {
  at::Tensor tensor = viewed(source, type);
  if (device.is_cpu() && is_usual(type) && is_usual(dtype))
    tensor = cpu_converted(tensor, dtype);
  else if (device.is_cpu())
    tensor = tensor.to(dtype, /*non_blocking=*/false, /*copy=*/true);
  // to the device first: it converts faster than this machine does
  else
    tensor = tensor.to(tensor.options().device(device), /*non_blocking=*/false, /*copy=*/true).to(dtype);
  // from the 8 bits, so that it is rounded once
  if (source.scale) tensor = viewed(source, type).to(device).to(at::kFloat).mul(scale_of(source, tensor)).to(dtype);
  return source.transposed ? tensor.t().contiguous() : tensor;
}

/// A view of the mapped memory; `read` is called when it goes.
at::Tensor in_place(const TensorSource& source, at::ScalarType type, const WeightRead& read) {
  struct Use {
    WeightRead read;
    std::span<const std::byte> data;
  };
  const auto end = [](void* use) {
    const std::unique_ptr<Use> ended(static_cast<Use*>(use));
    ended->read(ended->data);
  };
  // no std::function as the deleter: libtorch takes memory for one where nothing may be thrown, and ends the process
  // where there is none
  return at::for_blob(const_cast<std::byte*>(source.data.data()), source.shape)
      .context(new Use{read, source.data}, end)
      .options(type)
      .make_tensor();
}

}  // namespace

std::vector<int64_t> shape_of(const TensorSource& source) {
  auto shape = source.shape;
  if (source.transposed) std::swap(shape.at(0), shape.at(1));
  return shape;
}

// before weights are there: what is missing is known at once
void open_kernels(at::Device device) {
  if (device.is_cuda() && is_cuda_library_built()) cuda_library();
}

bool can_stay(const TensorSource& source, at::Device device, at::ScalarType dtype) {
  const auto type = known_type(source.dtype);
  return device.is_cpu() && type && is_usual(*type) && (dtype == at::kFloat || dtype == at::kBFloat16) &&
         !source.scale && !source.transposed && !source.data.empty() &&
         c10::elementSize(*type) <= c10::elementSize(dtype) &&
         reinterpret_cast<uintptr_t>(source.data.data()) % c10::elementSize(*type) == 0;
}

Weights load_weights(const TensorSources& sources, at::Device device, at::ScalarType dtype, const std::string& where) {
  open_kernels(device);
  auto tensors = std::make_shared<Weights::Map>();
  for (const auto& [name, source] : sources)
    tensors->emplace(name, read_weight(source, stored_type(source.dtype, name, where), device, dtype));
  return {std::move(tensors), where};
}

Weights open_weights(const TensorSources& sources, at::Device device, at::ScalarType dtype, const std::string& where,
                     const WeightRead& read) {
  open_kernels(device);
  auto tensors = std::make_shared<Weights::LazyMap>();
  for (const auto& [name, source] : sources) {
    const auto type = stored_type(source.dtype, source.name.empty() ? name : source.name, where);
    LazyTensor lazy{shape_of(source), [=, source = source] {
                      at::Tensor tensor = read_weight(source, type, device, dtype);
                      read(source.data);
                      return tensor;
                    }};
    if (can_stay(source, device, dtype)) lazy.view = [=, source = source] { return in_place(source, type, read); };
    tensors->emplace(name, std::move(lazy));
  }
  return {std::move(tensors), where};
}

}  // namespace calotype::networks
