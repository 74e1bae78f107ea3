#include "models/pickle_refusal.h"

#include <filesystem>

namespace calotype {

std::string pickle_refusal(const std::string& path) {
  const std::filesystem::path file(path);
  return "want safetensors, got the pickle \"" + path +
         "\", which may run code when it is read; convert it in python: w = torch.load(\"" + file.filename().string() +
         "\", weights_only=True); w = w.get(\"state_dict\", w); safetensors.torch.save_file({k: v.contiguous() for k, "
         "v in "
         "w.items() if hasattr(v, \"shape\")}, \"" +
         file.stem().string() + ".safetensors\")";
}

}  // namespace calotype
