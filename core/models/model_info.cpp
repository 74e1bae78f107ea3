#include <calotype/host/model_info.h>

#include <numeric>

namespace calotype {

int64_t ModelInfo::parameters() const {
  return std::accumulate(parts.begin(), parts.end(), int64_t{0},
                         [](int64_t n, const ModelPart& p) { return n + p.parameters; });
}
uint64_t ModelInfo::bytes() const {
  return std::accumulate(parts.begin(), parts.end(), uint64_t{0},
                         [](uint64_t n, const ModelPart& p) { return n + p.bytes; });
}

}  // namespace calotype
