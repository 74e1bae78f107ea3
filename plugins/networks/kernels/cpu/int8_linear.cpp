#include "networks/kernels/cpu/int8_linear.h"

#define CALOTYPE_BODY "networks/kernels/cpu/int8_linear_body.h"
#include "networks/kernels/simd/each_instruction_set.h"

namespace calotype::networks::cpu {

int64_t int8_row_bytes(int64_t numbers) {
  return (numbers + 63) / 64 * 64;
}

template <class T>
void quantize_rows(const T* x, int64_t x_stride, int64_t numbers, uint8_t* bytes, float* scales, int64_t begin,
                   int64_t end, InstructionSet set){
    CALOTYPE_DISPATCH(set, quantize_rows(x, x_stride, numbers, bytes, scales, begin, end))}

int64_t int8_packed_words(const LinearShape& shape, InstructionSet set) {
  CALOTYPE_DISPATCH(set, int8_packed_words(shape))
}

void int8_pack(const LinearShape& shape, const uint8_t* bytes, uint32_t* packed, int64_t begin, int64_t end,
               InstructionSet set) {
  CALOTYPE_DISPATCH(set, int8_pack(shape, bytes, packed, begin, end))
}

template <class T>
void int8_linear(const LinearShape& shape, const Int8Rows& x, const Int8Weights& weights, const LinearOutput<T>& output,
                 int64_t begin, int64_t end,
                 InstructionSet set){CALOTYPE_DISPATCH(set, int8_linear(shape, x, weights, output, begin, end))}

#define CALOTYPE_FOR(T)                                                                                               \
  template void quantize_rows(const T*, int64_t, int64_t, uint8_t*, float*, int64_t, int64_t, InstructionSet);        \
  template void int8_linear(const LinearShape&, const Int8Rows&, const Int8Weights&, const LinearOutput<T>&, int64_t, \
                            int64_t, InstructionSet);
CALOTYPE_FOR(float) CALOTYPE_FOR(uint16_t)

}  // namespace calotype::networks::cpu
