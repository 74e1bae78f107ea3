#pragma once
#include <map>
#include <memory>
#include <string>

#include <calotype/tensor.h>

namespace calotype::sdxl {

/// A network's tensors on the device and in the compute type, under the names that diffusers gives them
/// ("down_blocks.0.resnets.0.conv1.weight"), whatever file they came from. Cheap to copy; `at` narrows to a part.
class Weights {
 public:
  using Map = std::map<std::string, at::Tensor>;
  /// `where` begins every error: the file and the network, as "model.safetensors: unet".
  Weights(std::shared_ptr<const Map> tensors, std::string where, std::string prefix = "");

  /// Throws Error (bad_data): `where: tensor "prefix.name" is missing`.
  at::Tensor operator[](const std::string& name) const;
  /// Undefined where it is missing.
  at::Tensor find(const std::string& name) const;
  /// Whether any tensor has this name or begins with it and a dot.
  bool has(const std::string& name) const;
  /// The weights below `prefix.`
  Weights at(const std::string& prefix) const;
  /// How many of `name.0`, `name.1`, ... are there, from 0 without a gap.
  int count(const std::string& name) const;
  const std::string& where() const { return where_; }

 private:
  std::shared_ptr<const Map> tensors_;
  std::string where_, prefix_;
};

}  // namespace calotype::sdxl
