#include "engine/torch_engine.h"

#include <calotype/export.h>
#include <calotype/host/models.h>
#include <unistd.h>

#include <atomic>

#include "models/incomplete_model.h"

namespace calotype {

TorchEngine::TorchEngine(Libraries& libraries) : libraries_(libraries) {
  use_block_memory();
}

void TorchEngine::mark_use() {
  static std::atomic<pid_t> user = 0;  // of the process: libtorch's threads are one set, whoever made the host
  pid_t nobody = 0;
  const pid_t self = getpid();
  if (user.compare_exchange_strong(nobody, self) || nobody == self) return;
  throw Error(ErrorCode::usage,
              "this process was forked from one that had used libtorch, whose threads did not come with it; want a "
              "process that is "
              "started anew, as multiprocessing's \"spawn\" does, or a fork before the first image");
}

ModelInfo TorchEngine::info_of(const ResolvedConfig& config, const ModelDescription& d) {
  ModelInfo info{
      config.model, config.loader.entry.id, d.family, d.layout, d.prediction, d.width, d.height, d.training_sigmas,
      {},           bytes_of(config.model), {},       d.usage};
  for (const auto& c : d.components) info.parts.push_back({c.name, c.dtype, c.parameters, c.bytes});
  return info;
}

ModelInfo TorchEngine::describe(const ResolvedConfig& config) {
  return translated(at::kCPU, [&] { return info_of(config, models_.describe(config.model, config.loader)); });
}

extern "C" CALOTYPE_API Engine* calotype_make_engine(Libraries& libraries, LibraryMutex& mutex) {
  set_library_mutex(mutex);
  return new TorchEngine(libraries);
}

}  // namespace calotype
