#include "layer_norm.h"

#define CALOTYPE_BODY "layer_norm_body.h"
#include "each_instruction_set.h"

namespace calotype::sdxl::cpu {

template <class T>
void layer_norm(const LayerNormOptions<T>& options, const T* x, T* y, int64_t begin, int64_t end, InstructionSet set) {
  CALOTYPE_DISPATCH(set, layer_norm(options, x, y, begin, end))
}

template <class T>
void add_layer_norm(const LayerNormOptions<T>& options, const T* x, const T* residual, T* sum, T* y, int64_t begin,
                    int64_t end,
                    InstructionSet set){CALOTYPE_DISPATCH(set, add_layer_norm(options, x, residual, sum, y, begin, end))}

#define CALOTYPE_FOR(T)                                                                                 \
  template void layer_norm(const LayerNormOptions<T>&, const T*, T*, int64_t, int64_t, InstructionSet); \
  template void add_layer_norm(const LayerNormOptions<T>&, const T*, const T*, T*, T*, int64_t, int64_t, InstructionSet);
CALOTYPE_FOR(float) CALOTYPE_FOR(uint16_t)

}  // namespace calotype::sdxl::cpu
