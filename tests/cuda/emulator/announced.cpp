#include "announced.h"

#include "buffers.h"
#include "kernels/cuda/fp8.h"
#include "kernels/cuda/gated_bytes.h"
#include "kernels/cuda/group_norm.h"
#include "kernels/cuda/int8.h"
#include "kernels/cuda/latents.h"
#include "kernels/cuda/layer_norm.h"
#include "kernels/cuda/pointwise.h"
#include "launch.h"

namespace calotype::emulator {
namespace {

template <auto function, class Call>
int32_t announced(const Call* call, void* stream) {
  Call mine = *call;
  set_buffers(open_buffers(mine));
  const int32_t error = function(&mine, stream);
  set_buffers({});
  return error;
}

}  // namespace

void announce(sdxl::cuda::Library& library) {
  using namespace sdxl::cuda;
  library.group_norm = announced<group_norm>;
  library.layer_norm = announced<layer_norm>;
  library.geglu = announced<geglu>;
  library.residual = announced<residual>;
  library.combine = announced<combine>;
  library.scaled = announced<scaled>;
  library.denoised = announced<denoised>;
  library.fp8_rows = announced<fp8_rows>;
  library.int8_rows = announced<int8_rows>;
  library.int8_end = announced<int8_end>;
  library.layer_norm_bytes = announced<layer_norm_bytes>;
  library.geglu_bytes = announced<geglu_bytes>;
  library.int8_end_bytes = announced<int8_end_bytes>;
}

}  // namespace calotype::emulator

namespace calotype::sdxl::cuda {

int32_t announced_combine(const CombineCall* call, void* stream) {
  return emulator::announced<combine>(call, stream);
}

}  // namespace calotype::sdxl::cuda
