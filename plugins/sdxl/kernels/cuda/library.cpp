// The one symbol of sdxl_cuda.so.
#include <cuda_runtime_api.h>

#include "kernels/cuda/fp8.h"
#include "kernels/cuda/gated_bytes.h"
#include "kernels/cuda/graph.h"
#include "kernels/cuda/group_norm.h"
#include "kernels/cuda/int8.h"
#include "kernels/cuda/latents.h"
#include "kernels/cuda/layer_norm.h"
#include "kernels/cuda/pinned.h"
#include "kernels/cuda/pointwise.h"

namespace calotype::sdxl::cuda {
namespace {

const char* error_text(int32_t error) {
  return cudaGetErrorString(cudaError_t(error));
}

int32_t compute_capability(int32_t device) {
  int major = 0, minor = 0;
  if (cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device) != cudaSuccess) return 0;
  if (cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device) != cudaSuccess) return 0;
  return 10 * major + minor;
}

constexpr Library kLibrary{.size = sizeof(Library),
                           .group_norm = group_norm,
                           .group_norm_workspace = group_norm_workspace,
                           .layer_norm = layer_norm,
                           .geglu = geglu,
                           .residual = residual,
                           .error_text = error_text,
                           .graph_new = graph_new,
                           .graph_delete = graph_delete,
                           .graph_begin = graph_begin,
                           .graph_end = graph_end,
                           .graph_replay = graph_replay,
                           .combine = combine,
                           .scaled = scaled,
                           .denoised = denoised,
                           .fp8_rows = fp8_rows,
                           .compute_capability = compute_capability,
                           .pinned_new = pinned_new,
                           .pinned_delete = pinned_delete,
                           .int8_rows = int8_rows,
                           .int8_end = int8_end,
                           .layer_norm_bytes = layer_norm_bytes,
                           .geglu_bytes = geglu_bytes,
                           .int8_end_bytes = int8_end_bytes};

}  // namespace
}  // namespace calotype::sdxl::cuda

extern "C" __attribute__((visibility("default"))) const calotype::sdxl::cuda::Library* calotype_sdxl_cuda() {
  return &calotype::sdxl::cuda::kLibrary;
}
