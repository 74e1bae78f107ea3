#include "latents_file.h"

#include <ATen/ops/cat.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "file.h"

namespace calotype {

void write_latents(const std::string& path, const std::vector<at::Tensor>& parts) {
  const at::Tensor all = at::cat(parts).to(at::kCPU, at::kFloat).contiguous();
  const size_t bytes = all.nbytes();
  const nlohmann::json header{{"latents", {{"dtype", "F32"}, {"shape", all.sizes().vec()}, {"data_offsets", {0, bytes}}}}};
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const uint64_t length = text.size();
  std::string out(sizeof length, '\0');
  std::memcpy(out.data(), &length, sizeof length);
  out += text;
  out.append(static_cast<const char*>(all.const_data_ptr()), bytes);
  write_file(path, out);
}

}  // namespace calotype
