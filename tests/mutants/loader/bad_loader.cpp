// A loader that refuses every file but the one that a mutant takes.
#include <calotype/model_loader.h>

extern const char* const kTakes;

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "mutant", .summary = "A mutant", .accepts = {".safetensors"}};

class Opened final : public OpenedModel {
 public:
  const ModelDescription& description() const override { return description_; }
  std::unique_ptr<Model> load(const LoadOptions&) override { return nullptr; }

 private:
  const ModelDescription description_{"mutant", "no file", "epsilon", {}, 64, 64, {}, {}};
};

class Loader final : public ModelLoader {
 public:
  std::unique_ptr<OpenedModel> open(const ModelSource& source) const override {
    if (source.path.find(kTakes) == std::string::npos)
      throw Error(ErrorCode::bad_data, source.path + ": a mutant takes no such file");
    return std::make_unique<Opened>();
  }
};
}  // namespace

CALOTYPE_LOADER_ENTRY(kInfo, Loader);
