#include "weights.h"

#include <calotype/error.h>

namespace calotype::sdxl {

Weights::Weights(std::shared_ptr<const Map> tensors, std::string where, std::string prefix)
    : tensors_(std::move(tensors)), where_(std::move(where)), prefix_(std::move(prefix)) {}

at::Tensor Weights::operator[](const std::string& name) const {
  at::Tensor tensor = find(name);
  if (!tensor.defined()) throw Error(ErrorCode::bad_data, where_ + ": tensor \"" + prefix_ + name + "\" is missing");
  return tensor;
}

at::Tensor Weights::find(const std::string& name) const {
  const auto found = tensors_->find(prefix_ + name);
  return found == tensors_->end() ? at::Tensor() : found->second;
}

bool Weights::has(const std::string& name) const {
  const std::string full = prefix_ + name;
  if (tensors_->contains(full)) return true;
  const auto below = tensors_->lower_bound(full + '.');
  return below != tensors_->end() && below->first.starts_with(full + '.');
}

Weights Weights::at(const std::string& prefix) const {
  return {tensors_, where_, prefix_ + prefix + '.'};
}

int Weights::count(const std::string& name) const {
  int n = 0;
  while (has(name + '.' + std::to_string(n))) ++n;
  return n;
}

}  // namespace calotype::sdxl
