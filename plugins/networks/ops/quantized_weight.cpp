#include "networks/ops/quantized_weight.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_int_mm.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/bucketize.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>

#include <array>

namespace calotype::networks {
namespace {

constexpr double kTiny = 1e-30, kLargestInt8 = 127, kLargestFp8 = 448;

/// Largest magnitude of each row, never 0: [...,n] float -> [...,1].
at::Tensor row_largest(const at::Tensor& x) {
  return at::amax(x.abs(), -1, true).clamp_min(kTiny);
}

at::Tensor sum_of(const at::Tensor& x, const at::Tensor& onto) {
  return onto.defined() ? x + onto : x;
}

/// Stored as e4m3; every use makes the layer's weight anew.
class Fp8Weight final : public LinearWeight {
 public:
  explicit Fp8Weight(const at::Tensor& weight) {
    const at::Tensor exact = weight.to(at::kFloat);
    scale_ = row_largest(exact) / kLargestFp8;
    stored_ = (exact / scale_).to(at::kFloat8_e4m3fn);
  }
  at::Tensor linear(const at::Tensor& x, const at::Tensor& bias, const at::Tensor& onto) const override {
    return sum_of(at::linear(x, stored_.to(x.scalar_type()) * scale_.to(x.scalar_type()), bias), onto);
  }

 private:
  at::Tensor stored_, scale_;  // [out,in], [out,1] float32
};

/// The 16 levels of NormalFloat: Dettmers et al. 2023, appendix E.
constexpr std::array<float, 16> kLevels{
    -1.0f,        -0.69619280f, -0.52507305f, -0.39491749f, -0.28444138f, -0.18477343f, -0.091050036f, 0.0f,
    0.079580300f, 0.16093020f,  0.24611230f,  0.33791524f,  0.44070983f,  0.56261700f,  0.72295684f,   1.0f};
constexpr int64_t kBlock = 64;

/// Two weights in a byte, of blocks of 64 that share their largest magnitude.
class Nf4Weight final : public LinearWeight {
 public:
  explicit Nf4Weight(const at::Tensor& weight) : shape_(weight.sizes().vec()), count_(weight.numel()) {
    const int64_t missing = (kBlock - count_ % kBlock) % kBlock;
    const at::Tensor blocks = at::constant_pad_nd(weight.to(at::kFloat).flatten(), {0, missing}).view({-1, kBlock});
    largest_ = row_largest(blocks);
    const at::Tensor levels = at::tensor(at::ArrayRef<float>(kLevels), at::kFloat).to(weight.device());
    const at::Tensor middles = (levels.narrow(0, 1, 15) + levels.narrow(0, 0, 15)) / 2;
    const at::Tensor nearest = at::bucketize(blocks / largest_, middles).to(at::kByte).view({-1, 2});
    stored_ = nearest.select(1, 0) * 16 + nearest.select(1, 1);
    pairs_ = at::stack({levels.repeat_interleave(16), levels.repeat({16})}, 1);
  }
  at::Tensor linear(const at::Tensor& x, const at::Tensor& bias, const at::Tensor& onto) const override {
    const at::Tensor blocks = at::embedding(pairs_, stored_.to(at::kInt)).view({-1, kBlock}) * largest_;
    return sum_of(at::linear(x, blocks.flatten().narrow(0, 0, count_).view(shape_).to(x.scalar_type()), bias), onto);
  }

 private:
  std::vector<int64_t> shape_;
  int64_t count_;
  at::Tensor stored_, largest_, pairs_;  // [bytes] uint8, [blocks,1] float32, both levels of each byte [256,2] float32
};

/// Whole numbers with a scale for each output, on a device whose product of them is an operator.
class Int8Weight final : public LinearWeight {
 public:
  explicit Int8Weight(const at::Tensor& weight) {
    const at::Tensor exact = weight.to(at::kFloat);
    scale_ = (row_largest(exact) / kLargestInt8).t();
    stored_ = (exact / scale_.t()).round().to(at::kChar);
  }
  at::Tensor linear(const at::Tensor& x, const at::Tensor& bias, const at::Tensor& onto) const override {
    const at::Tensor rows = x.flatten(0, -2);
    // what the device's product asks for
    if (rows.size(0) <= 16 || stored_.size(0) % 8 || stored_.size(1) % 8)
      return sum_of(at::linear(x, (stored_.to(at::kFloat) * scale_.t()).to(x.scalar_type()), bias), onto);
    const at::Tensor exact = rows.to(at::kFloat), scale = row_largest(exact) / kLargestInt8;
    at::Tensor out = at::_int_mm((exact / scale).round().to(at::kChar), stored_.t()).to(at::kFloat) * scale * scale_;
    if (bias.defined()) out = out + bias;
    auto shape = x.sizes().vec();
    shape.back() = stored_.size(0);
    return sum_of(out.to(x.scalar_type()).view(shape), onto);
  }

 private:
  at::Tensor stored_, scale_;  // [out,in] int8, [1,out] float32
};

}  // namespace

std::shared_ptr<const LinearWeight> quantized_weight(const at::Tensor& weight, Quantization how) {
  if (how == Quantization::fp8) return std::make_shared<Fp8Weight>(weight);
  if (how == Quantization::nf4) return std::make_shared<Nf4Weight>(weight);
  return std::make_shared<Int8Weight>(weight);
}

}  // namespace calotype::networks
