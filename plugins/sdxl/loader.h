#pragma once
#include <calotype/model_loader.h>

namespace calotype::sdxl {

/// SDXL from a folder that diffusers wrote.
class DiffusersLoader final : public ModelLoader {
 public:
  ModelDescription describe(const ModelSource& source) const override;
  std::unique_ptr<Model> load(const ModelSource& source, const LoadOptions& options) const override;
  MemoryNeed memory_need(const ModelSource& source, const LoadOptions& options, const Request& request) const override;
  std::vector<std::string> warnings(const ModelSource& source, const Request& request) const override;
};

/// SDXL from one file under the original checkpoint's names.
class SingleFileLoader final : public ModelLoader {
 public:
  ModelDescription describe(const ModelSource& source) const override;
  std::unique_ptr<Model> load(const ModelSource& source, const LoadOptions& options) const override;
  MemoryNeed memory_need(const ModelSource& source, const LoadOptions& options, const Request& request) const override;
  std::vector<std::string> warnings(const ModelSource& source, const Request& request) const override;
};

}  // namespace calotype::sdxl
