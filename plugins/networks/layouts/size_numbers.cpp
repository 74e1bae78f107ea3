#include "networks/layouts/size_numbers.h"

#include "networks/files/model_config.h"

namespace calotype::networks {

SizeNumbers size_numbers(int64_t inputs, int64_t pooled, const ModelConfig& config) {
  constexpr int64_t kCount = 6, kRefinersCount = 5, kUsualWidth = 256;
  constexpr int kMany = 1 << 20;
  const int64_t left = inputs - pooled;
  const auto holds = [left](int64_t count, int64_t width) {
    return width >= 2 && width % 2 == 0 && count * width == left;
  };
  const int64_t likely = holds(kRefinersCount, kUsualWidth) ? kUsualWidth : left / kCount;
  const int64_t width = config.integer("addition_time_embed_dim", int(likely), 1, kMany);
  return {holds(kCount, width) ? kCount : holds(kRefinersCount, width) ? kRefinersCount : 0, width};
}

}  // namespace calotype::networks
