#include "networks/ops/cpu_linear.h"

#include <ATen/Parallel.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <calotype/error.h>

#include <algorithm>
#include <optional>

#include "networks/kernels/cpu/int8_linear.h"
#include "networks/kernels/cpu_int8_rows.h"
#include "networks/kernels/cpu_ops.h"
#include "networks/kernels/cpu_tensors.h"
#include "networks/kernels/kernel_checks.h"

namespace calotype::networks {
namespace {

/// Of weights [rows,inputs] side by side.
cpu::LinearShape shape_of(int64_t rows, int64_t inputs, bool gated) {
  if (rows < 1 || inputs < 1 || (gated && rows % 2))
    throw Error(ErrorCode::bad_data,
                "cpu product: weight: want " + std::string(gated ? "an even number of outputs" : "outputs") +
                    " and inputs, got [" + std::to_string(rows) + "," + std::to_string(inputs) + "]");
  return {inputs, rows / (gated ? 2 : 1), gated};
}

/// [...,in] -> [...,out]
at::Tensor result_of(const at::Tensor& x, const cpu::LinearShape& shape) {
  auto sizes = x.sizes().vec();
  sizes.back() = shape.outputs;
  return at::empty(sizes, x.options());
}

/// Of x, and of what is added to its product.
void check_inputs(const cpu::LinearShape& shape, const at::Tensor& x, const at::Tensor& bias, const at::Tensor& onto) {
  const KernelChecks checks("cpu product", x, 0, KernelChecks::kOnCpu);
  auto sizes = x.sizes().vec();
  sizes.back() = shape.inputs;
  checks.input("x", x, sizes);
  checks.weight_or_none("bias", bias, {shape.gated ? 2 * shape.outputs : shape.outputs});
  checks.in_place("bias", bias, x.scalar_type());
  sizes.back() = shape.outputs;
  checks.input_or_none("onto", onto, sizes);
  if (onto.defined()) checks.type("onto", onto.scalar_type(), x.scalar_type());
}

at::Tensor dense(const at::Tensor& t) {
  return t.defined() ? t.contiguous() : t;
}

/// One part of the threads' work is a number of panels.
template <class Body>
void over_panels(const cpu::LinearShape& shape, Body body) {
  at::parallel_for(0, cpu::linear_panels(shape), 1, body);
}

/// x W^T + bias + onto, of which `multiply` computes a number of panels from the rows of x.
template <class Multiply>
at::Tensor product(const cpu::LinearShape& shape, const at::Tensor& x, const at::Tensor& bias, const at::Tensor& onto,
                   Multiply multiply) {
  check_inputs(shape, x, bias, onto);
  const at::Tensor source = x.contiguous(), added = dense(onto), result = result_of(x, shape);
  of_type(x, [&](auto number) {
    using T = decltype(number);
    const cpu::LinearOutput<T> output{x.numel() / shape.inputs, in<T>(bias), in<T>(added), out<T>(result)};
    over_panels(shape, [&](int64_t begin, int64_t end) { multiply(in<T>(source), output, begin, end); });
  });
  return result;
}

/// Weights [out,in] of equal size that stand side by side, as the kernels see them.
class StoredParts {
 public:
  explicit StoredParts(const std::vector<at::Tensor>& parts) {
    const auto is_as_first = [&](const at::Tensor& part) {
      return part.sizes() == parts.front().sizes() && part.dtype() == parts.front().dtype();
    };
    const bool equal = std::all_of(parts.begin(), parts.end(), is_as_first);
    for (const at::Tensor& part : parts) KernelChecks("cpu product", part, 2);
    for (const at::Tensor& part : equal ? parts : std::vector{at::cat(parts)}) parts_.push_back(part.contiguous());
    for (const at::Tensor& part : parts_) addresses_.push_back(part.const_data_ptr());
  }
  cpu::LinearShape shape(bool gated) const {
    return shape_of(parts_.front().size(0) * int64_t(parts_.size()), parts_.front().size(1), gated);
  }
  cpu::StoredWeight weight() const {
    return {format_of(parts_.front().scalar_type()), addresses_.data(), parts_.front().size(0)};
  }
  int64_t bytes() const { return int64_t(parts_.front().nbytes() * parts_.size()); }

 private:
  std::vector<at::Tensor> parts_;
  std::vector<const void*> addresses_;
};

class PackedWeight final : public LinearWeight {
 public:
  PackedWeight(const StoredParts& stored, bool gated, at::ScalarType type) : shape_(stored.shape(gated)), type_(type) {
    of_type(type, [&](auto number) {
      using T = decltype(number);
      packed_ = at::empty({cpu::linear_packed_words<T>(shape_)}, at::kInt);
      over_panels(shape_, [&](int64_t begin, int64_t end) {
        cpu::linear_pack<T>(shape_, stored.weight(), out<uint32_t>(packed_), begin, end);
      });
    });
  }
  at::Tensor linear(const at::Tensor& x, const at::Tensor& bias, const at::Tensor& onto) const override {
    KernelChecks("cpu product", x, 0, KernelChecks::kOnCpu).type("x", x.scalar_type(), type_);
    return product(shape_, x, bias, onto,
                   [&]<class T>(const T* rows, const cpu::LinearOutput<T>& output, int64_t begin, int64_t end) {
                     cpu::linear(shape_, rows, shape_.inputs, in<uint32_t>(packed_), output, begin, end);
                   });
  }

 private:
  cpu::LinearShape shape_;
  at::ScalarType type_;  // of the numbers that packed_ stands for
  at::Tensor packed_;
};

class WeightInPlace final : public LinearWeight {
 public:
  WeightInPlace(const std::vector<at::Tensor>& parts, bool gated) : stored_(parts), shape_(stored_->shape(gated)) {}
  at::Tensor linear(const at::Tensor& x, const at::Tensor& bias, const at::Tensor& onto) const override {
    if (stored_ && ++uses_ > (x.numel() < kFewRows * shape_.inputs ? kUsesByFewRows : kUses) &&
        packs_as_small(x.scalar_type())) {
      packed_.emplace(*stored_, shape_.gated, x.scalar_type());
      stored_.reset();
    }
    if (packed_) return packed_->linear(x, bias, onto);
    return product(shape_, x, bias, onto,
                   [&]<class T>(const T* rows, const cpu::LinearOutput<T>& output, int64_t begin, int64_t end) {
                     const at::Tensor words = at::empty({cpu::linear_panel_words<T>(shape_)}, at::kInt);
                     cpu::linear_in_place(shape_, rows, shape_.inputs, stored_->weight(), out<uint32_t>(words), output,
                                          begin, end);
                   });
  }

 private:
  /// Packing in every use costs a product of 512 rows 4 %, and packing once as much as 10 to 40 such products lose, as
  /// fresh memory is cheap or dear. So it is put off until it would have been worth it.
  static constexpr int kUses = 32, kUsesByFewRows = 4;
  static constexpr int64_t kFewRows = 256;

  bool packs_as_small(at::ScalarType type) const {
    int64_t words = 0;
    of_type(type, [&](auto number) { words = cpu::linear_packed_words<decltype(number)>(shape_); });
    return words * int64_t(sizeof(uint32_t)) <= stored_->bytes();
  }

  mutable std::optional<StoredParts> stored_;
  cpu::LinearShape shape_;
  mutable std::optional<PackedWeight> packed_;  // a network is used by one thread at a time
  mutable int uses_ = 0;
};

class CpuInt8Weight final : public LinearWeight {
 public:
  CpuInt8Weight(const at::Tensor& weight, bool gated) : shape_(shape_of(weight.size(0), weight.size(1), gated)) {
    const Int8RowTensors rows = int8_rows(kernels_number(weight).contiguous(), shape_.inputs);
    scales_ = rows.scales;
    packed_ = at::empty({cpu::int8_packed_words(shape_)}, at::kInt);
    over_panels(shape_, [&](int64_t begin, int64_t end) {
      cpu::int8_pack(shape_, in<uint8_t>(rows.bytes), out<uint32_t>(packed_), begin, end);
    });
  }
  at::Tensor linear(const at::Tensor& x, const at::Tensor& bias, const at::Tensor& onto) const override {
    const at::Tensor exact = kernels_number(x), offset = kernels_number(bias), added = dense(kernels_number(onto));
    check_inputs(shape_, exact, offset, added);
    const Int8RowTensors rows = int8_rows(exact.contiguous(), shape_.inputs);
    const at::Tensor result = result_of(exact, shape_);
    of_type(exact, [&](auto number) {
      using T = decltype(number);
      const cpu::LinearOutput<T> output{rows.scales.numel(), in<T>(offset), in<T>(added), out<T>(result)};
      over_panels(shape_, [&](int64_t begin, int64_t end) {
        cpu::int8_linear(shape_, {in<uint8_t>(rows.bytes), in<float>(rows.scales)},
                         {in<uint32_t>(packed_), in<float>(scales_)}, output, begin, end);
      });
    });
    return result.to(x.scalar_type());
  }

 private:
  /// float16, which the kernels do not know, in float32.
  static at::Tensor kernels_number(const at::Tensor& t) {
    return !t.defined() || has_cpu_kernels(t) ? t : t.to(at::kFloat);
  }

  cpu::LinearShape shape_;
  at::Tensor packed_, scales_;
};

}  // namespace

bool is_cpu_width(int64_t inputs) {
  return inputs % 16 == 0;
}
bool is_cpu_weight(const at::Tensor& weight) {
  return has_cpu_kernels(weight) && is_cpu_width(weight.size(1));
}

std::shared_ptr<const LinearWeight> cpu_weight(const std::vector<at::Tensor>& parts, bool gated) {
  return std::make_shared<PackedWeight>(StoredParts(parts), gated, parts.front().scalar_type());
}

std::shared_ptr<const LinearWeight> cpu_weight_in_place(const std::vector<at::Tensor>& parts, bool gated) {
  return std::make_shared<WeightInPlace>(parts, gated);
}

std::shared_ptr<const LinearWeight> cpu_int8_weight(const at::Tensor& weight, bool gated) {
  return std::make_shared<CpuInt8Weight>(weight, gated);
}

}  // namespace calotype::networks
