#pragma once
#include <calotype/model_loader.h>

namespace calotype::sdxl {

/// SDXL from a folder that diffusers wrote.
class DiffusersLoader final : public ModelLoader {
 public:
  ModelDescription describe(const ModelSource& source) const override;
  std::unique_ptr<Model> load(const ModelSource& source, at::Device device, at::ScalarType dtype) const override;
};

/// SDXL from one file under the original checkpoint's names.
class SingleFileLoader final : public ModelLoader {
 public:
  ModelDescription describe(const ModelSource& source) const override;
  std::unique_ptr<Model> load(const ModelSource& source, at::Device device, at::ScalarType dtype) const override;
};

}  // namespace calotype::sdxl
