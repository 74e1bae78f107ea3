#include "files/pickle.h"

#include <calotype/error.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace calotype::sdxl {

void refuse_pickle(const std::string& path) {
  constexpr std::array<const char*, 4> kPickles{".ckpt", ".pt", ".pth", ".bin"};
  const std::filesystem::path file(path);
  if (std::find(kPickles.begin(), kPickles.end(), file.extension()) == kPickles.end()) return;
  const std::string name = file.filename(), converted = file.stem().string() + ".safetensors";
  throw Error(ErrorCode::bad_data,
              path + ": want .safetensors, got " + file.extension().string() +
                  ", a pickle, which can run code when it is opened; convert it with python -c \"import torch, "
                  "safetensors.torch as s; d = torch.load('" +
                  name +
                  "', map_location='cpu', weights_only=True); d = d.get('state_dict', d); s.save_file({k: "
                  "v.clone().contiguous() "
                  "for k, v in "
                  "d.items() if hasattr(v, 'shape')}, '" +
                  converted + "')\"");
}

}  // namespace calotype::sdxl
