#include "networks/kernels/cpu/convert.h"

#define CALOTYPE_BODY "networks/kernels/cpu/convert_body.h"
#include "networks/kernels/simd/each_instruction_set.h"

namespace calotype::networks::cpu {
namespace {

template <NumberFormat from, NumberFormat to>
void convert_from_to(const void* x, void* y, int64_t count, InstructionSet set) {
  if (from == to) {
    if (x != y) std::memcpy(y, x, size_t(count) * (from == NumberFormat::kFloat32 ? 4 : 2));
    return;
  }
  CALOTYPE_DISPATCH(set, convert<from, to>(x, y, count))
}

template <NumberFormat from>
void convert_from(const void* x, NumberFormat to, void* y, int64_t count, InstructionSet set) {
  switch (to) {
    case NumberFormat::kFloat32:
      return convert_from_to<from, NumberFormat::kFloat32>(x, y, count, set);
    case NumberFormat::kFloat16:
      return convert_from_to<from, NumberFormat::kFloat16>(x, y, count, set);
    case NumberFormat::kBFloat16:
      return convert_from_to<from, NumberFormat::kBFloat16>(x, y, count, set);
  }
}

}  // namespace

void convert(NumberFormat from, const void* x, NumberFormat to, void* y, int64_t count, InstructionSet set) {
  switch (from) {
    case NumberFormat::kFloat32:
      return convert_from<NumberFormat::kFloat32>(x, to, y, count, set);
    case NumberFormat::kFloat16:
      return convert_from<NumberFormat::kFloat16>(x, to, y, count, set);
    case NumberFormat::kBFloat16:
      return convert_from<NumberFormat::kBFloat16>(x, to, y, count, set);
  }
}

}  // namespace calotype::networks::cpu
