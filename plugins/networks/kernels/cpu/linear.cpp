#include "networks/kernels/cpu/linear.h"

#define CALOTYPE_BODY "networks/kernels/cpu/linear_body.h"
#include "networks/kernels/simd/each_instruction_set.h"

namespace calotype::networks::cpu {

int64_t linear_panels(const LinearShape& shape, InstructionSet set) {
  CALOTYPE_DISPATCH(set, linear_panels(shape))
}

template <class T>
int64_t linear_packed_words(const LinearShape& shape, InstructionSet set) {
  CALOTYPE_DISPATCH(set, linear_packed_words<T>(shape))
}

template <class T>
void linear_pack(const LinearShape& shape, const StoredWeight& weight, uint32_t* packed, int64_t begin, int64_t end,
                 InstructionSet set) {
  CALOTYPE_DISPATCH(set, linear_pack<T>(shape, weight, packed, begin, end))
}

template <class T>
void linear(const LinearShape& shape, const T* x, int64_t x_stride, const uint32_t* packed,
            const LinearOutput<T>& output, int64_t begin, int64_t end, InstructionSet set) {
  CALOTYPE_DISPATCH(set, linear(shape, x, x_stride, packed, output, begin, end))
}

template <class T>
int64_t linear_panel_words(const LinearShape& shape, InstructionSet set) {
  CALOTYPE_DISPATCH(set, linear_panel_words<T>(shape))
}

template <class T>
void linear_in_place(const LinearShape& shape, const T* x, int64_t x_stride, const StoredWeight& weight,
                     uint32_t* words, const LinearOutput<T>& output, int64_t begin, int64_t end, InstructionSet set){
    CALOTYPE_DISPATCH(set, linear_in_place(shape, x, x_stride, weight, words, output, begin, end))}

#define CALOTYPE_FOR(T)                                                                                               \
  template int64_t linear_packed_words<T>(const LinearShape&, InstructionSet);                                        \
  template int64_t linear_panel_words<T>(const LinearShape&, InstructionSet);                                         \
  template void linear_pack<T>(const LinearShape&, const StoredWeight&, uint32_t*, int64_t, int64_t, InstructionSet); \
  template void linear_in_place(const LinearShape&, const T*, int64_t, const StoredWeight&, uint32_t*,                \
                                const LinearOutput<T>&, int64_t, int64_t, InstructionSet);                            \
  template void linear(const LinearShape&, const T*, int64_t, const uint32_t*, const LinearOutput<T>&, int64_t,       \
                       int64_t, InstructionSet);
CALOTYPE_FOR(float) CALOTYPE_FOR(uint16_t)

}  // namespace calotype::networks::cpu
