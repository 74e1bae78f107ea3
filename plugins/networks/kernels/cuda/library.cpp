// The one symbol of sdxl_cuda.so.
#include <cuda_runtime_api.h>

#include "networks/kernels/cuda/fp8.h"
#include "networks/kernels/cuda/gated_bytes.h"
#include "networks/kernels/cuda/graph.h"
#include "networks/kernels/cuda/group_norm.h"
#include "networks/kernels/cuda/int8.h"
#include "networks/kernels/cuda/latents.h"
#include "networks/kernels/cuda/layer_norm.h"
#include "networks/kernels/cuda/pinned.h"
#include "networks/kernels/cuda/pointwise.h"

namespace calotype::networks::cuda {
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
}  // namespace calotype::networks::cuda

extern "C" __attribute__((visibility("default"))) const calotype::networks::cuda::Library* calotype_sdxl_cuda() {
  return &calotype::networks::cuda::kLibrary;
}
