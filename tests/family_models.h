#pragma once
#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "temporary_folder.h"

/// Tensors by name, as one file holds them.
using NamedTensors = std::map<std::string, at::Tensor>;

NamedTensors read_tensors(const std::string& path);
void write_tensors(const std::string& path, const NamedTensors& tensors);

/// The tiny models that tests/data/families/families.json describes, written into a folder of the test's own.
class FamilyModels {
 public:
  FamilyModels();

  /// The families' names.
  std::vector<std::string> names() const;
  const nlohmann::json& entry(const std::string& name) const { return all_.at(name); }
  /// Whether checkpoints under the original names can hold it.
  bool has_file(const std::string& name) const;

  /// The path of the model as a diffusers folder.
  std::string folder(const std::string& name) const;
  /// The path of the model as a single file; `change` may alter its tensors.
  std::string file(const std::string& name, void (*change)(NamedTensors&) = nullptr) const;
  /// Its UNet under diffusers' names, float16.
  NamedTensors unet(const std::string& name) const;
  /// A path for another file.
  std::string path(const std::string& name) const { return folder_.path(name); }

 private:
  TemporaryFolder folder_;
  nlohmann::json all_;
};
