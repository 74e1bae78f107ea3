#include "networks/kernels/kernel_checks.h"

#include <calotype/error.h>

#include <algorithm>

namespace calotype::networks {
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
  throw Error(code, std::string(kernel) + ": " + name + ": want " + want + ", got " + got);
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

KernelChecks::KernelChecks(const char* kernel, const at::Tensor& x, int64_t dimensions,
                           at::ArrayRef<at::ScalarType> types)
    : kernel_(kernel), device_(device_of(kernel, x)), types_(types) {
  if (dimensions ? x.dim() != dimensions : x.dim() == 0)
    fail(ErrorCode::internal, kernel, "x",
         dimensions ? std::to_string(dimensions) + " dimensions" : "at least 1 dimension", shown(x));
  kernel_type("x", x.scalar_type());
}

void KernelChecks::input(const char* name, const at::Tensor& t, at::IntArrayRef shape) const {
  check_tensor(ErrorCode::internal, kernel_, name, t, shape, device_);
}
void KernelChecks::weight(const char* name, const at::Tensor& t, at::IntArrayRef shape) const {
  check_tensor(ErrorCode::bad_data, kernel_, name, t, shape, device_);
}
void KernelChecks::input_or_none(const char* name, const at::Tensor& t, at::IntArrayRef shape) const {
  if (t.defined()) input(name, t, shape);
}
void KernelChecks::weight_or_none(const char* name, const at::Tensor& t, at::IntArrayRef shape) const {
  if (t.defined()) weight(name, t, shape);
}

void KernelChecks::type(const char* name, at::ScalarType got, at::ScalarType want) const {
  if (got != want) fail(ErrorCode::internal, kernel_, name, shown(want), shown(got));
}

void KernelChecks::kernel_type(const char* name, at::ScalarType got) const {
  if (std::find(types_.begin(), types_.end(), got) != types_.end()) return;
  std::string all;
  for (size_t i = 0; i < types_.size(); ++i)
    all += (i == 0 ? "" : i + 1 == types_.size() ? " or " : ", ") + shown(types_[i]);
  fail(ErrorCode::internal, kernel_, name, all, shown(got));
}

void KernelChecks::in_place(const char* name, const at::Tensor& t, at::ScalarType type) const {
  if (!t.defined()) return;
  this->type(name, t.scalar_type(), type);
  if (!t.is_contiguous())
    fail(ErrorCode::internal, kernel_, name, "numbers without gaps", "strides of " + shown(t.strides()));
}

void KernelChecks::divisor(const char* name, int64_t got, int64_t channels) const {
  if (got < 1 || channels % got)
    fail(ErrorCode::bad_data, kernel_, name, "a divisor of " + std::to_string(channels) + " channels",
         std::to_string(got));
}

void KernelChecks::channels(int64_t got, int64_t multiple_of) const {
  if (got < 1 || got % multiple_of)
    fail(ErrorCode::internal, kernel_, "x",
         multiple_of > 1 ? "a multiple of " + std::to_string(multiple_of) + " channels" : "channels",
         std::to_string(got));
}

}  // namespace calotype::networks
