#include "networks/kernels/cpu/group_norm.h"

#define CALOTYPE_BODY "networks/kernels/cpu/group_norm_body.h"
#include "networks/kernels/simd/each_instruction_set.h"

namespace calotype::networks::cpu {

int64_t group_norm_parts(const GroupNormShape& shape) {
  return std::clamp<int64_t>(shape.positions / 128, 1, 64);
}

void group_norm_scales(const GroupNormShape& shape, double epsilon, const GroupMoments* moments, GroupScale* scales) {
  const int64_t parts = group_norm_parts(shape);
  const double numbers = double(shape.positions) * double(shape.channels / shape.groups);
  for (int64_t image = 0; image < shape.images; ++image, moments += parts * shape.groups, scales += shape.groups)
    for (int64_t group = 0; group < shape.groups; ++group) {
      GroupMoments all{};
      for (int64_t part = 0; part < parts; ++part) {
        all.sum += moments[part * shape.groups + group].sum;
        all.squares += moments[part * shape.groups + group].squares;
      }
      const double mean = all.sum / numbers, variance = std::max(0.0, all.squares / numbers - mean * mean);
      scales[group] = {float(mean), float(1 / std::sqrt(variance + epsilon))};
    }
}

template <class T>
void group_norm_moments(const GroupNormShape& shape, const GroupNormOptions<T>& options, const T* x,
                        GroupMoments* moments, int64_t begin, int64_t end, InstructionSet set) {
  CALOTYPE_DISPATCH(set, group_norm_moments(shape, options, x, moments, begin, end))
}

template <class T>
void group_norm(const GroupNormShape& shape, const GroupNormOptions<T>& options, const T* x, const GroupScale* scales,
                T* y, int64_t begin, int64_t end,
                InstructionSet set){CALOTYPE_DISPATCH(set, group_norm(shape, options, x, scales, y, begin, end))}

#define CALOTYPE_FOR(T)                                                                                        \
  template void group_norm_moments(const GroupNormShape&, const GroupNormOptions<T>&, const T*, GroupMoments*, \
                                   int64_t, int64_t, InstructionSet);                                          \
  template void group_norm(const GroupNormShape&, const GroupNormOptions<T>&, const T*, const GroupScale*, T*, \
                           int64_t, int64_t, InstructionSet);
CALOTYPE_FOR(float) CALOTYPE_FOR(uint16_t)

}  // namespace calotype::networks::cpu
