// GEGLU. Part of each_instruction_set.h.
#include "activations_body.h"

namespace calotype::sdxl::cpu::CALOTYPE_SET {

template <class T>
void geglu(const T* x, const T* bias, int64_t width, T* out, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row)
    for (int64_t i = 0; i < width; i += Wide::kLanes) {
      const T* at = x + row * 2 * width + i;
      Wide a = load_up_to<Wide>(width - i, at), b = load_up_to<Wide>(width - i, at + width);
      if (bias) {
        a = a + load_up_to<Wide>(width - i, bias + i);
        b = b + load_up_to<Wide>(width - i, bias + width + i);
      }
      store_up_to(width - i, a * gelu<kAccuracy<T>>(b), out + row * width + i);
    }
}

}  // namespace calotype::sdxl::cpu::CALOTYPE_SET
