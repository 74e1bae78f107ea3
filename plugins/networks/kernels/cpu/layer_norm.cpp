#include "networks/kernels/cpu/layer_norm.h"

#define CALOTYPE_BODY "networks/kernels/cpu/layer_norm_body.h"
#include "networks/kernels/simd/each_instruction_set.h"

namespace calotype::networks::cpu {

template <class T>
void layer_norm(const LayerNormOptions<T>& options, const T* x, T* y, int64_t begin, int64_t end, InstructionSet set) {
  CALOTYPE_DISPATCH(set, layer_norm(options, x, y, begin, end))
}
template void layer_norm(const LayerNormOptions<float>&, const float*, float*, int64_t, int64_t, InstructionSet);
template void layer_norm(const LayerNormOptions<uint16_t>&, const uint16_t*, uint16_t*, int64_t, int64_t,
                         InstructionSet);

}  // namespace calotype::networks::cpu
