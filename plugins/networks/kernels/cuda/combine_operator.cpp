// The host's operator for a sampler's sums, on CUDA: the host does not know this library, and finds the kernel under
// its name.
#include <ATen/core/Tensor.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/library.h>

#include "networks/kernels/cuda/latents.h"

namespace calotype::networks::cuda {
namespace {

/// Float32 numbers in a row, as many as of out and on its device.
void check(const at::Tensor& t, const at::Tensor& out, const char* name) {
  TORCH_CHECK(t.scalar_type() == at::kFloat, "combine: ", name, ": want float32, got ", t.scalar_type());
  TORCH_CHECK(t.sizes() == out.sizes(), "combine: ", name, ": want ", out.sizes(), ", got ", t.sizes());
  TORCH_CHECK(t.is_contiguous(), "combine: ", name, ": want it dense, got strides ", t.strides());
  TORCH_CHECK(t.device() == out.device(), "combine: ", name, ": want a tensor on ", out.device(), ", got one on ",
              t.device());
}

void combine_tensors(at::TensorList terms, at::ArrayRef<double> coefficients, const at::Tensor& out) {
  TORCH_CHECK(terms.size() <= size_t(kMostTerms), "combine: want at most ", kMostTerms, " terms, got ", terms.size());
  TORCH_CHECK(coefficients.size() == terms.size(), "combine: coefficients: want ", terms.size(), ", got ",
              coefficients.size());
  check(out, out, "out");
  for (const at::Tensor& term : terms) check(term, out, "a term");
  CombineCall call{
      .count = out.numel(), .term_count = int32_t(terms.size()), .terms{}, .coefficients{}, .result = nullptr};
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
}  // namespace calotype::networks::cuda

TORCH_LIBRARY_IMPL(calotype, CUDA, library) {
  library.impl("combine", calotype::networks::cuda::combine_tensors);
}
