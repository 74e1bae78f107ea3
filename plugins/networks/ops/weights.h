#pragma once
#include <calotype/model_loader.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace calotype::networks {

/// A tensor that is read each time it is asked for.
struct LazyTensor {
  std::vector<int64_t> shape;
  std::function<at::Tensor()> read;
  std::function<at::Tensor()> view{};  ///< as it is stored, see Weights::in_place; null: not at all
};

/// A network's tensors on the device and in the compute type, under the names that diffusers gives them
/// ("down_blocks.0.resnets.0.conv1.weight"), whatever file they came from. Cheap to copy; `at` narrows to a part.
class Weights {
 public:
  using Map = std::map<std::string, at::Tensor>;
  using LazyMap = std::map<std::string, LazyTensor>;
  /// Brings the tensors of one block to the device, see `block`.
  using FetchBlock = std::function<std::shared_ptr<const LazyMap>(const std::string& name)>;
  /// `where` begins every error: the file and the network, as "model.safetensors: unet".
  Weights(std::shared_ptr<const Map> tensors, std::string where, std::string prefix = "");
  /// Every reading of a tensor reads it anew, so it lives only in the layer that asked for it.
  Weights(std::shared_ptr<const LazyMap> tensors, std::string where, std::string prefix = "");

  /// Throws Error (bad_data): `where: tensor "prefix.name" is missing`.
  at::Tensor operator[](const std::string& name) const;
  /// The tensor as it lies in its file, in the file's type, which the CPU reads without a copy. It keeps the file
  /// mapped, and lets go of its pages in the end. Undefined where it must be converted first. Throws as operator[]
  /// does.
  at::Tensor in_place(const std::string& name) const;
  /// Undefined where it is missing.
  at::Tensor find(const std::string& name) const;
  /// Of a tensor, without reading it. Throws as operator[] does.
  const std::vector<int64_t>& shape(const std::string& name) const;
  /// Whether any tensor has this name or begins with it and a dot.
  bool has(const std::string& name) const;
  /// The weights below `prefix.`
  Weights at(const std::string& prefix) const;
  /// For the layers of block `number` of this stage alone, a resnet and the attention after it: its tensors, all
  /// brought to the device by this call where weights are kept so that this is done at once, else when they are read.
  Weights block(size_t number) const;
  /// The same, with that way to bring a block.
  Weights fetched_by(FetchBlock fetch) const;
  /// How many of `name.0`, `name.1`, ... are there, from 0 without a gap.
  int count(const std::string& name) const;
  /// The same shapes without any values, on the device "meta": to check how a network fits together.
  Weights shapes() const;
  const std::string& where() const { return where_; }
  /// How linear layers keep their weight.
  Quantization quantization() const { return quantization_; }
  Weights quantized(Quantization how) const;
  /// Whether layers are to do all that one kernel can do, also what no GPU has measured yet.
  bool fuses_all() const { return fuses_all_; }
  Weights fusing_all(bool all) const;

 private:
  const LazyTensor& get(const std::string& name) const;
  std::shared_ptr<const LazyMap> tensors_;
  std::string where_, prefix_;
  FetchBlock fetch_;
  Quantization quantization_ = Quantization::none;
  bool fuses_all_ = false;
};

}  // namespace calotype::networks
