#include "engine/latents_file.h"

#include <ATen/ops/cat.h>
#include <calotype/json.h>

#include <cstring>

namespace calotype {

std::string latents_bytes(const std::vector<at::Tensor>& images) {
  const at::Tensor all = at::cat(images).to(at::kCPU, at::kFloat).contiguous();
  const size_t bytes = all.nbytes();
  JsonValue header;
  header["latents"]["dtype"] = "F32";
  header["latents"]["shape"] = all.sizes().vec();
  header["latents"]["data_offsets"] = std::vector<size_t>{0, bytes};
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const uint64_t length = text.size();
  std::string out(sizeof length, '\0');
  std::memcpy(out.data(), &length, sizeof length);
  out += text;
  out.append(static_cast<const char*>(all.const_data_ptr()), bytes);
  return out;
}

}  // namespace calotype
