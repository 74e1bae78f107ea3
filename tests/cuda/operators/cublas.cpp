#include "cublas.h"

#include <c10/cuda/CUDAGuard.h>

#include <set>

struct cublasContext;
namespace at::cuda {
cublasContext* getCurrentCUDABlasHandle();  // of ATen/cuda/CUDAContextLight.h, which includes cuBLAS' own headers
}

namespace stand_in {

bool multiplies(const std::string& name) {
  static const auto& all = *new std::set<std::string>{
      "aten::mm",    "aten::addmm", "aten::bmm",  "aten::baddbmm",           "aten::addbmm",  "aten::mv",
      "aten::addmv", "aten::dot",   "aten::vdot", "aten::_addmm_activation", "aten::_int_mm", "_scaled_mm"};
  return all.count(name);
}

void use_cublas(c10::Device device, Ranges& ranges) {
  const c10::cuda::CUDAGuard guard(device);
  const uint64_t before = blocks_taken();
  at::cuda::getCurrentCUDABlasHandle();
  if (blocks_taken() != before && is_capturing(current_stream(device)))
    fault("cuBLAS' workspace, which stays for ever, is taken of the memory of a graph that is being recorded");
  const Range all = cublas_workspace();
  // a part stands for all of it: two products that may not share it share that, too
  if (all.size) ranges.add({all.data, std::min<size_t>(all.size, 512), true});
}

}  // namespace stand_in
