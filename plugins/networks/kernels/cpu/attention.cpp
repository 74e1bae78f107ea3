#include "networks/kernels/cpu/attention.h"

namespace calotype::networks::cpu {
constexpr int64_t kQueryBlock = 48;  // whole tiles
}  // namespace calotype::networks::cpu

#define CALOTYPE_BODY "networks/kernels/cpu/attention_body.h"
#include "networks/kernels/simd/each_instruction_set.h"

namespace calotype::networks::cpu {

template <class T>
int64_t attention_packed_words(const AttentionShape& shape, InstructionSet set) {
  CALOTYPE_DISPATCH(set, attention_packed_words<T>(shape))
}

template <class T>
void attention_pack(const AttentionShape& shape, HeadRows<const T> k, HeadRows<const T> v, uint32_t* packed,
                    int64_t head, InstructionSet set) {
  CALOTYPE_DISPATCH(set, attention_pack<T>(shape, k, v, packed, head))
}

template <class T>
void attention(const AttentionShape& shape, HeadRows<const T> q, const uint32_t* packed, HeadRows<T> out, int64_t head,
               int64_t begin, int64_t end,
               InstructionSet set){CALOTYPE_DISPATCH(set, attention<T>(shape, q, packed, out, head, begin, end))}

#define CALOTYPE_FOR(T)                                                                                                \
  template int64_t attention_packed_words<T>(const AttentionShape&, InstructionSet);                                   \
  template void attention_pack<T>(const AttentionShape&, HeadRows<const T>, HeadRows<const T>, uint32_t*, int64_t,     \
                                  InstructionSet);                                                                     \
  template void attention<T>(const AttentionShape&, HeadRows<const T>, const uint32_t*, HeadRows<T>, int64_t, int64_t, \
                             int64_t, InstructionSet);
CALOTYPE_FOR(float) CALOTYPE_FOR(uint16_t)

}  // namespace calotype::networks::cpu
