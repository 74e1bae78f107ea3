#include "announced.h"

#include "buffers.h"
#include "launch.h"
#include "networks/kernels/cuda/fp8.h"
#include "networks/kernels/cuda/gated_bytes.h"
#include "networks/kernels/cuda/group_norm.h"
#include "networks/kernels/cuda/int8.h"
#include "networks/kernels/cuda/latents.h"
#include "networks/kernels/cuda/layer_norm.h"
#include "networks/kernels/cuda/pointwise.h"

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

void announce(networks::cuda::Library& library) {
  using namespace networks::cuda;
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

namespace calotype::networks::cuda {

int32_t announced_combine(const CombineCall* call, void* stream) {
  return emulator::announced<combine>(call, stream);
}

}  // namespace calotype::networks::cuda
