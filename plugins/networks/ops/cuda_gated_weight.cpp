#include "networks/ops/cuda_gated_weight.h"

#include <ATen/TensorOperators.h>

#include "networks/kernels/cuda_ops.h"

namespace calotype::networks {
namespace {

class CudaGatedWeight final : public LinearWeight {
 public:
  explicit CudaGatedWeight(std::shared_ptr<const LinearWeight> product) : product_(std::move(product)) {}
  at::Tensor linear(const at::Tensor& x, const at::Tensor& bias, const at::Tensor& onto) const override {
    return gated(product_->linear(x, {}, {}), bias, onto);
  }
  std::optional<at::ScalarType> byte_type() const override { return product_->byte_type(); }
  at::Tensor linear_of_bytes(const ByteRows& x, const at::Tensor& bias, const at::Tensor& onto) const override {
    return gated(product_->linear_of_bytes(x, {}, {}), bias, onto);
  }
  ByteRows gated_bytes(const LayerInput& x, const at::Tensor& bias, at::ScalarType type) const override {
    return cuda_geglu_bytes(product_->linear_of(x, {}, {}), bias, type);
  }

 private:
  static at::Tensor gated(const at::Tensor& product, const at::Tensor& bias, const at::Tensor& onto) {
    const at::Tensor out = cuda_geglu(product, bias);
    return onto.defined() ? out + onto : out;
  }
  std::shared_ptr<const LinearWeight> product_;
};

}  // namespace

std::shared_ptr<const LinearWeight> cuda_gated_weight(std::shared_ptr<const LinearWeight> product) {
  return std::make_shared<CudaGatedWeight>(std::move(product));
}

}  // namespace calotype::networks
