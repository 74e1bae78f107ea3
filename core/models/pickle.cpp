#include "models/pickle.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/spelling.h"

namespace calotype {

bool is_pickle(const std::string& path) {
  constexpr std::array kEndings{".ckpt", ".pt", ".pth", ".bin"};
  return std::any_of(kEndings.begin(), kEndings.end(), [&](const char* ending) { return has_ending(path, ending); });
}

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
