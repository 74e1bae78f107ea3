#include "networks/files/safetensors.h"

#include "target.h"

using namespace calotype;

CALOTYPE_FUZZ(safetensors) {
  const std::string& path = fuzz::as_file(input);
  try {
    const networks::SafetensorsFile file(path);
    size_t bytes = 0;
    volatile unsigned read = 0;
    for (const auto& [name, tensor] : file.tensors()) {
      bytes += tensor.data.size();
      if (!tensor.data.empty()) read = read + unsigned(tensor.data.front()) + unsigned(tensor.data.back());
    }
    if (bytes > input.size()) fuzz::found("more data than the file has");
  } catch (const Error& e) {
    fuzz::check_error(e, path);
  }
}
