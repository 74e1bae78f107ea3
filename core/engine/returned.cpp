#include "engine/returned.h"

#include <ATen/ops/aminmax.h>
#include <ATen/ops/isfinite.h>

#include <cmath>
#include <sstream>

#include "base/error_boundary.h"

namespace calotype {
namespace {

std::string shape_text(at::IntArrayRef shape) {
  std::string out = "[";
  for (const int64_t n : shape) out += (out.size() > 1 ? "," : "") + std::to_string(n);
  return out + "]";
}

std::string wanted_text(const std::string& shape, const at::Device& device) {
  return shape + " of float32 on " + device.str();
}

/// "[1,4,8,8] of float on cpu"
std::string found_text(const at::Tensor& t) {
  if (!t.defined()) return "no tensor";
  std::string type = c10::toString(t.scalar_type());
  if (t.scalar_type() == at::kFloat) type = "float32";
  if (t.layout() != at::kStrided) type += ", not dense,";
  return shape_text(t.sizes()) + " of " + type + " on " + t.device().str();
}

/// "cuda" stands for any of its devices.
bool is_on(const at::Tensor& t, const at::Device& device) {
  const at::Device own = t.device();
  return own.type() == device.type() && (!own.has_index() || !device.has_index() || own.index() == device.index());
}

bool is_float_on(const at::Tensor& t, const at::Device& device) {
  return t.defined() && t.layout() == at::kStrided && t.scalar_type() == at::kFloat && is_on(t, device);
}

std::string number_text(double value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

}  // namespace

bool is_finite(const at::Tensor& t) {
  return at::isfinite(t).all().item<bool>();
}

void fail_without_numbers(const EntryInfo& plugin, const std::string& what, const Origin& origin,
                          const std::string& otherwise) {
  // nothing is wider than float32: then what was put in is at fault
  const std::string wanted = origin.dtype == "float32"
                                 ? ", in float32 too; want weights that are numbers in " + origin.models
                                 : "; want a wider type (dtype: bfloat16 or float32)";
  throw Error(ErrorCode::bad_data, whose(plugin) + "the " + what + " values that are no numbers" + wanted + otherwise);
}

void Returned::fail(const std::string& wanted, const std::string& found) const {
  throw Error(ErrorCode::internal, whose(plugin_) + call_ + ": want " + wanted + ", got " + found);
}

void Returned::tensor(const at::Tensor& t, at::IntArrayRef shape, const at::Device& device) const {
  if (!is_float_on(t, device) || t.sizes() != shape) fail(wanted_text(shape_text(shape), device), found_text(t));
}

void Returned::dense(const at::Tensor& t, int64_t dimensions, const at::Device& device) const {
  if (!is_float_on(t, device) || t.dim() != dimensions || t.numel() == 0)
    fail(wanted_text(std::to_string(dimensions) + " dimensions, none of them 0,", device), found_text(t));
}

void Returned::images(const at::Tensor& t, int64_t count, const at::Device& device) const {
  if (!is_float_on(t, device) || t.dim() != 4 || t.size(0) != count || t.size(1) != 3 || t.numel() == 0)
    fail(wanted_text("[" + std::to_string(count) + ",3,H,W]", device), found_text(t));
  const auto [low, high] = at::aminmax(t);
  constexpr double kRounding = 1e-3;
  const double least = low.item<double>(), most = high.item<double>();
  if (least < -kRounding || most > 1 + kRounding)
    fail("numbers from 0 to 1", number_text(least) + " to " + number_text(most));
}

void Returned::falling(std::span<const double> sigmas) const {
  if (sigmas.size() < 2) fail("two sigmas or more", std::to_string(sigmas.size()));
  for (size_t i = 0; i < sigmas.size(); ++i) {
    if (!std::isfinite(sigmas[i]) || sigmas[i] < 0) fail("sigmas of 0 or more", number_text(sigmas[i]));
    if (i && sigmas[i] >= sigmas[i - 1])
      fail("sigmas that fall", number_text(sigmas[i]) + " after " + number_text(sigmas[i - 1]));
  }
}

void Returned::rising(std::span<const double> sigmas) const {
  if (sigmas.empty()) fail("the sigma of each training timestep", "none");
  for (size_t i = 0; i < sigmas.size(); ++i) {
    if (!std::isfinite(sigmas[i]) || sigmas[i] <= 0) fail("sigmas above 0", number_text(sigmas[i]));
    if (i && sigmas[i] <= sigmas[i - 1])
      fail("sigmas that rise", number_text(sigmas[i]) + " after " + number_text(sigmas[i - 1]));
  }
}

void Returned::range(int first, int64_t count, int images) const {
  if (count >= 1 && first >= 0 && first < images && count <= images - first) return;
  fail("images from 0 to " + std::to_string(images - 1),
       count == 1 ? "image " + std::to_string(first)
                  : std::to_string(count) + " images from " + std::to_string(first) + " on");
}

}  // namespace calotype
