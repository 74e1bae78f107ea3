#include <ATen/Context.h>
#include <ATen/ops/convolution.h>
#include <cuda_runtime_api.h>

#include <set>
#include <sstream>

#include "own_operators.h"
#include "tensors.h"

struct cudnnContext;
namespace at::native {
cudnnContext* getCudnnHandle();  // of ATen/cudnn/Handle.h, which includes cuDNN's own headers
}

namespace stand_in {
namespace {

int capability() {
  int major = 0, minor = 0;
  cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, 0);
  cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, 0);
  return 10 * major + minor;
}

/// As tensor cores read float32 where they are allowed to: 10 bits of fraction, rounded.
at::Tensor as_tf32(const at::Tensor& t) {
  return t.contiguous().view(at::kInt).add(0x1000).bitwise_and(~0x1fff).view(at::kFloat);
}

/// cuDNN chooses how to compute a shape when it first meets it, which takes a while, and memory.
void choose_plan(const at::Tensor& x, const at::Tensor& weight, at::IntArrayRef padding, at::IntArrayRef stride,
                 at::IntArrayRef dilation) {
  static auto& chosen = *new std::set<std::string>;
  std::ostringstream shape;
  shape << x.device() << ' ' << x.scalar_type() << ' ' << x.sizes() << x.strides() << weight.sizes() << weight.strides()
        << padding << stride << dilation;
  if (chosen.insert(shape.str()).second && is_capturing(current_stream(x.device())))
    fault("a convolution is first met while a graph is recorded: cuDNN would have to choose its plan");
}

at::Tensor convolved(const at::Tensor& x, const at::Tensor& weight, at::IntArrayRef padding, at::IntArrayRef stride,
                     at::IntArrayRef dilation, int64_t groups) {
  const std::vector<int64_t> no_padding(stride.size(), 0);
  return at::convolution(x, weight, {}, stride, padding, dilation, false, no_padding, groups);
}

}  // namespace

at::Tensor convolution(const at::Tensor& x, const at::Tensor& weight, at::IntArrayRef padding, at::IntArrayRef stride,
                       at::IntArrayRef dilation, int64_t groups, bool, bool, bool allow_tf32) {
  TORCH_CHECK(x.device() == weight.device() && x.scalar_type() == weight.scalar_type(),
              "stand-in: convolution of two devices or types");
  TORCH_CHECK(x.scalar_type() != at::kBFloat16 || capability() >= 80,
              "GET was unable to find an engine to execute this computation");
  at::native::getCudnnHandle();
  choose_plan(x, weight, padding, stride, dilation);
  const auto is_last = [](const at::Tensor& t) { return t.suggest_memory_format() == at::MemoryFormat::ChannelsLast; };
  const auto format = is_last(x) || is_last(weight) ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
  const bool is_rounded = allow_tf32 && x.scalar_type() == at::kFloat && capability() >= 80;
  Ranges ranges;
  ranges.add(x, false), ranges.add(weight, false);
  return made_anew(
             "aten::cudnn_convolution", x.device(), ranges,
             [=, a = seen_by_cpu(x), b = seen_by_cpu(weight), p = padding.vec(), s = stride.vec(), d = dilation.vec()] {
               const auto read = [&](const at::Tensor& t) { return is_rounded ? as_tf32(t) : t.to(at::kFloat); };
               return Tensors{convolved(read(a), read(b), p, s, d, groups).to(a.scalar_type()).contiguous(format)};
             })
      .front();
}

}  // namespace stand_in
