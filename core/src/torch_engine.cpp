#include "torch_engine.h"

#include "model_contents.h"

namespace calotype {

ModelInfo TorchEngine::describe(const ResolvedConfig& config) {
  return translated(at::kCPU, [&] {
    const ModelDescription d = models_.describe(config.model, config.loader);
    ModelInfo info{config.model, config.loader.entry.id, d.family, d.layout, d.prediction, d.width, d.height, d.noise_levels, {}, bytes_of(config.model), {}, d.usage};
    for (const auto& c : d.components) info.parts.push_back({c.name, c.dtype, c.parameters, c.bytes});
    return info;
  });
}

extern "C" Engine* calotype_make_engine(Libraries& libraries) { return new TorchEngine(libraries); }

}  // namespace calotype
