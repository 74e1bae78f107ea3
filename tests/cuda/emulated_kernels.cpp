#include "emulated_kernels.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/randn.h>
#include <dlfcn.h>

#include <cstdlib>
#include <stdexcept>

namespace calotype::test {
namespace {

const emulator::Alone& open() {
  const char* file = std::getenv("EMULATED_KERNELS");
  void* library = dlopen(file ? file : CALOTYPE_EMULATED_KERNELS, RTLD_NOW | RTLD_LOCAL);
  if (!library) throw std::runtime_error(dlerror());
  return *reinterpret_cast<emulator::GetAlone*>(dlsym(library, emulator::kAloneSymbol))();
}

}  // namespace

const emulator::Alone& emulated() {
  static const emulator::Alone& all = open();
  return all;
}

std::string findings() {
  std::string text;
  for (size_t i = 0; const char* finding = emulated().finding(i); ++i) text += std::string(finding) + '\n';
  emulated().clear_findings();
  return text;
}

at::Tensor random(at::IntArrayRef shape, at::ScalarType type, double deviation, double mean, int64_t behind) {
  return guarded((at::randn(shape) * deviation + mean).to(type), behind);
}

double excess(const at::Tensor& got, const at::Tensor& want, double slack) {
  REQUIRE(got.sizes() == want.sizes());
  const double unit = got.scalar_type() == at::kFloat ? 0x1p-24 : got.scalar_type() == at::kHalf ? 0x1p-11 : 0x1p-8;
  const double floor = got.scalar_type() == at::kHalf ? 0x1p-24 : 0;  // below float16's normal numbers
  const at::Tensor exact = want.to(at::kDouble),
                   error = (got.to(at::kDouble) - exact).abs() / (exact.abs() * unit * 1.001 + floor + slack);
  REQUIRE(error.isfinite().all().item<bool>());
  return error.max().item<double>();
}

}  // namespace calotype::test
