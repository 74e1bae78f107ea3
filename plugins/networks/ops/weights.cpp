#include "networks/ops/weights.h"

#include <ATen/ops/empty.h>
#include <calotype/error.h>

namespace calotype::networks {
namespace {

std::shared_ptr<const Weights::LazyMap> held(const Weights::Map& tensors) {
  auto out = std::make_shared<Weights::LazyMap>();
  for (const auto& [name, tensor] : tensors)
    out->emplace(name, LazyTensor{tensor.sizes().vec(), [tensor = tensor] { return tensor; }});
  return out;
}

}  // namespace

Weights::Weights(std::shared_ptr<const Map> tensors, std::string where, std::string prefix)
    : Weights(held(*tensors), std::move(where), std::move(prefix)) {}

Weights::Weights(std::shared_ptr<const LazyMap> tensors, std::string where, std::string prefix)
    : tensors_(std::move(tensors)), where_(std::move(where)), prefix_(std::move(prefix)) {}

const LazyTensor& Weights::get(const std::string& name) const {
  const auto found = tensors_->find(prefix_ + name);
  if (found == tensors_->end())
    throw Error(ErrorCode::bad_data, where_ + ": tensor \"" + prefix_ + name + "\" is missing");
  return found->second;
}

at::Tensor Weights::operator[](const std::string& name) const {
  return get(name).read();
}

at::Tensor Weights::in_place(const std::string& name) const {
  const LazyTensor& tensor = get(name);
  return tensor.view ? tensor.view() : at::Tensor();
}

at::Tensor Weights::find(const std::string& name) const {
  const auto found = tensors_->find(prefix_ + name);
  return found == tensors_->end() ? at::Tensor() : found->second.read();
}

const std::vector<int64_t>& Weights::shape(const std::string& name) const {
  return get(name).shape;
}

bool Weights::has(const std::string& name) const {
  const std::string full = prefix_ + name;
  if (tensors_->contains(full)) return true;
  const auto below = tensors_->lower_bound(full + '.');
  return below != tensors_->end() && below->first.starts_with(full + '.');
}

Weights Weights::at(const std::string& prefix) const {
  Weights out = *this;
  out.prefix_ += prefix + '.';
  return out;
}

Weights Weights::quantized(Quantization how) const {
  Weights out = *this;
  out.quantization_ = how;
  return out;
}

Weights Weights::fusing_all(bool all) const {
  Weights out = *this;
  out.fuses_all_ = all;
  return out;
}

Weights Weights::block(size_t number) const {
  Weights out = *this;
  if (fetch_) out.tensors_ = fetch_(prefix_ + std::to_string(number)), out.fetch_ = nullptr;
  return out;
}

Weights Weights::fetched_by(FetchBlock fetch) const {
  Weights out = *this;
  out.fetch_ = std::move(fetch);
  return out;
}

int Weights::count(const std::string& name) const {
  int n = 0;
  while (has(name + '.' + std::to_string(n))) ++n;
  return n;
}

Weights Weights::shapes() const {
  auto out = std::make_shared<LazyMap>();
  for (const auto& [name, tensor] : *tensors_)
    out->emplace(name,
                 LazyTensor{tensor.shape, [shape = tensor.shape] { return at::empty(shape, at::device(at::kMeta)); }});
  return {std::move(out), where_, prefix_};
}

}  // namespace calotype::networks
