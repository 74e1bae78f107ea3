#include "residual.h"

#define CALOTYPE_BODY "residual_body.h"
#include "each_instruction_set.h"

namespace calotype::sdxl::cpu {

template <class T>
void add(const T* a, const T* b, T* out, int64_t begin, int64_t end, InstructionSet set) {
  CALOTYPE_DISPATCH(set, add(a, b, out, begin, end))
}
template <class T>
void add_bias_and_residual(const T* x, const T* bias, const T* residual, int64_t channels, T* out, int64_t begin,
                           int64_t end, InstructionSet set){
    CALOTYPE_DISPATCH(set, add_bias_and_residual(x, bias, residual, channels, out, begin, end))}

#define CALOTYPE_FOR(T)                                                        \
  template void add(const T*, const T*, T*, int64_t, int64_t, InstructionSet); \
  template void add_bias_and_residual(const T*, const T*, const T*, int64_t, T*, int64_t, int64_t, InstructionSet);
CALOTYPE_FOR(float) CALOTYPE_FOR(uint16_t)

}  // namespace calotype::sdxl::cpu
