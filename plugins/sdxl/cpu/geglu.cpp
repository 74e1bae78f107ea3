#include "geglu.h"

#define CALOTYPE_BODY "geglu_body.h"
#include "each_instruction_set.h"

namespace calotype::sdxl::cpu {

template <class T>
void geglu(const T* x, const T* bias, int64_t width, T* out, int64_t begin, int64_t end, InstructionSet set) {
  CALOTYPE_DISPATCH(set, geglu(x, bias, width, out, begin, end))
}
template void geglu(const float*, const float*, int64_t, float*, int64_t, int64_t, InstructionSet);
template void geglu(const uint16_t*, const uint16_t*, int64_t, uint16_t*, int64_t, int64_t, InstructionSet);

}  // namespace calotype::sdxl::cpu
