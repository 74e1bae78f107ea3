#include "cuda_checks.h"

#include <calotype/error.h>

namespace calotype::sdxl {
namespace {

std::string shown(at::IntArrayRef shape) {
  std::string out = "[";
  for (const int64_t n : shape) out += (out.size() > 1 ? "," : "") + std::to_string(n);
  return out + "]";
}

std::string shown(at::ScalarType type) {
  if (type == at::kFloat) return "float32";
  if (type == at::kBFloat16) return "bfloat16";
  return type == at::kHalf ? "float16" : c10::toString(type);
}

std::string shown(const at::Tensor& t) {
  return t.defined() ? shown(t.sizes()) : "none";
}

[[noreturn]] void fail(ErrorCode code, const char* kernel, const char* name, const std::string& want,
                       const std::string& got) {
  throw Error(code, std::string("cuda ") + kernel + ": " + name + ": want " + want + ", got " + got);
}

void check_tensor(ErrorCode code, const char* kernel, const char* name, const at::Tensor& t, at::IntArrayRef shape,
                  at::Device device) {
  if (!t.defined() || t.sizes() != shape) fail(code, kernel, name, shown(shape), shown(t));
  if (t.device() != device)
    fail(ErrorCode::internal, kernel, name, "a tensor on " + device.str(), "one on " + t.device().str());
}

at::Device device_of(const char* kernel, const at::Tensor& x) {
  if (!x.defined()) fail(ErrorCode::internal, kernel, "x", "a tensor", "none");
  return x.device();
}

}  // namespace

CudaChecks::CudaChecks(const char* kernel, const at::Tensor& x, int64_t dimensions)
    : kernel_(kernel), device_(device_of(kernel, x)) {
  if (dimensions ? x.dim() != dimensions : x.dim() == 0)
    fail(ErrorCode::internal, kernel, "x", dimensions ? std::to_string(dimensions) + " dimensions" : "at least 1 dimension",
         shown(x));
  kernel_type("x", x.scalar_type());
}

void CudaChecks::input(const char* name, const at::Tensor& t, at::IntArrayRef shape) const {
  check_tensor(ErrorCode::internal, kernel_, name, t, shape, device_);
}
void CudaChecks::weight(const char* name, const at::Tensor& t, at::IntArrayRef shape) const {
  check_tensor(ErrorCode::bad_data, kernel_, name, t, shape, device_);
}
void CudaChecks::input_or_none(const char* name, const at::Tensor& t, at::IntArrayRef shape) const {
  if (t.defined()) input(name, t, shape);
}
void CudaChecks::weight_or_none(const char* name, const at::Tensor& t, at::IntArrayRef shape) const {
  if (t.defined()) weight(name, t, shape);
}

void CudaChecks::type(const char* name, at::ScalarType got, at::ScalarType want) const {
  if (got != want) fail(ErrorCode::internal, kernel_, name, shown(want), shown(got));
}

void CudaChecks::kernel_type(const char* name, at::ScalarType got) const {
  if (got != at::kFloat && got != at::kBFloat16 && got != at::kHalf)
    fail(ErrorCode::internal, kernel_, name, "float32, bfloat16 or float16", shown(got));
}

void CudaChecks::divisor(const char* name, int64_t got, int64_t channels) const {
  if (got < 1 || channels % got)
    fail(ErrorCode::bad_data, kernel_, name, "a divisor of " + std::to_string(channels) + " channels", std::to_string(got));
}

void CudaChecks::channels(int64_t got, int64_t multiple_of) const {
  if (got < 1 || got % multiple_of)
    fail(ErrorCode::internal, kernel_, "x",
         multiple_of > 1 ? "a multiple of " + std::to_string(multiple_of) + " channels" : "channels", std::to_string(got));
}

}  // namespace calotype::sdxl
