// A loader that refuses every file but the one that a mutant takes.
#include <calotype/model_loader.h>

extern const char* const kTakes;

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "mutant", .summary = "A mutant", .accepts = {".safetensors"}};

class Loader final : public ModelLoader {
 public:
  ModelDescription describe(const ModelSource& source) const override {
    if (source.path.find(kTakes) == std::string::npos) refuse(source);
    return {"mutant", "no file", "epsilon", {}, 64, 64, {}, {}};
  }
  std::unique_ptr<Model> load(const ModelSource& source, const LoadOptions&) const override { refuse(source); }

 private:
  [[noreturn]] static void refuse(const ModelSource& source) {
    throw Error(ErrorCode::bad_data, source.path + ": a mutant takes no such file");
  }
};
}  // namespace

CALOTYPE_LOADER_ENTRY(kInfo, Loader);
