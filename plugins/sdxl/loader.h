#pragma once
#include <calotype/model_loader.h>

namespace calotype::sdxl {

/// SDXL from a folder that diffusers wrote.
class DiffusersLoader final : public ModelLoader {
 public:
  std::unique_ptr<OpenedModel> open(const ModelSource& source) const override;
};

/// SDXL from one file under the original checkpoint's names.
class SingleFileLoader final : public ModelLoader {
 public:
  std::unique_ptr<OpenedModel> open(const ModelSource& source) const override;
  std::optional<ModelDescription> describe_incomplete(const std::string& path) const override;
};

}  // namespace calotype::sdxl
