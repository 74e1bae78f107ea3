#pragma once
#include <ATen/ops/from_blob.h>
#include <doctest/doctest.h>

#include <map>
#include <string>

#include "networks/files/safetensors.h"

/// Tensors of tests/data/goldens, computed by diffusers and transformers (see the README there).
class GoldenTensors {
 public:
  explicit GoldenTensors(const std::string& file) : file_(CALOTYPE_TEST_DATA "/goldens/" + file) {}

  /// [...] float32 on the CPU; int64 where that is stored
  at::Tensor operator[](const std::string& name) const {
    const auto& stored = file_.tensors().at(name);
    const auto type = stored.dtype == "F32" ? at::kFloat : stored.dtype == "I64" ? at::kLong : at::kByte;
    return at::from_blob(const_cast<std::byte*>(stored.data.data()), stored.shape, at::TensorOptions(type)).clone();
  }

 private:
  calotype::networks::SafetensorsFile file_;
};

/// max |ours - theirs| / max |theirs|
inline double relative_error(const at::Tensor& ours, const at::Tensor& theirs) {
  const bool comparable = ours.sizes() == theirs.sizes() && ours.scalar_type() == theirs.scalar_type();
  REQUIRE(comparable);
  return (ours.sub(theirs).abs().max().item<double>()) / theirs.abs().max().item<double>();
}

/// The full text of the Error that `f` throws, or "" for none.
template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const std::exception& e) {
    return e.what();
  }
  return "";
}
