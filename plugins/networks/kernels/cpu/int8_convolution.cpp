#include "networks/kernels/cpu/int8_convolution.h"

#define CALOTYPE_BODY "networks/kernels/cpu/int8_convolution_body.h"
#include "networks/kernels/simd/each_instruction_set.h"

namespace calotype::networks::cpu {

template <class T>
void int8_convolution(const Int8ConvolutionShape& shape, const Int8Rows& x, const Int8Weights& weights,
                      const LinearOutput<T>& output, int64_t panel, int64_t begin, int64_t end, InstructionSet set){
    CALOTYPE_DISPATCH(set, int8_convolution(shape, x, weights, output, panel, begin, end))}

#define CALOTYPE_FOR(T)                                                                            \
  template void int8_convolution(const Int8ConvolutionShape&, const Int8Rows&, const Int8Weights&, \
                                 const LinearOutput<T>&, int64_t, int64_t, int64_t, InstructionSet);
CALOTYPE_FOR(float) CALOTYPE_FOR(uint16_t)

}  // namespace calotype::networks::cpu
