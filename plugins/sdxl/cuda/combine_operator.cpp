// The host's operator for a sampler's sums, on CUDA: the host does not know this library, and finds the kernel under its
// name.
#include <ATen/core/Tensor.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/library.h>

#include "latents.h"

namespace calotype::sdxl::cuda {
namespace {

void combine_tensors(at::TensorList terms, at::ArrayRef<double> coefficients, const at::Tensor& out) {
  TORCH_CHECK(terms.size() <= size_t(kMostTerms), "combine: want at most ", kMostTerms, " terms, got ", terms.size());
  CombineCall call{.count = out.numel(), .term_count = int32_t(terms.size()), .terms{}, .coefficients{}, .result = nullptr};
  call.result = out.mutable_data_ptr<float>();
  for (size_t i = 0; i < terms.size(); ++i) {
    call.terms[i] = terms[i].const_data_ptr<float>();
    call.coefficients[i] = float(coefficients[i]);
  }
  const c10::cuda::CUDAGuard guard(out.device());
  const auto error = cudaError_t(combine(&call, c10::cuda::getCurrentCUDAStream().stream()));
  TORCH_CHECK(error == cudaSuccess, "combine: ", cudaGetErrorString(error));
}

}  // namespace
}  // namespace calotype::sdxl::cuda

TORCH_LIBRARY_IMPL(calotype, CUDA, library) {
  library.impl("combine", calotype::sdxl::cuda::combine_tensors);
}
