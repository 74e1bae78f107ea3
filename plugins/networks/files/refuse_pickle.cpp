#include "networks/files/refuse_pickle.h"

#include <calotype/error.h>
#include <calotype/pickle.h>

#include <filesystem>

namespace calotype::networks {

void refuse_pickle(const std::string& path) {
  if (!is_pickle(path)) return;
  const std::filesystem::path file(path);
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

}  // namespace calotype::networks
