#pragma once
#include <ATen/DeviceAccelerator.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/randn.h>
#include <calotype/error.h>
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "networks/components/pinned_weights.h"
#include "networks/components/unet.h"
#include "networks/ops/weight_loading.h"
#include "sdxl/layouts.h"

// What the tests on a GPU share. They are one program: tests/gpu/pack.sh takes it to other machines.

namespace cuda_test {
using namespace calotype;
using namespace calotype::networks;

inline const at::Device kCuda(c10::DeviceType::CUDA, 0);
inline constexpr at::ScalarType kTypes[] = {at::kFloat, at::kBFloat16, at::kHalf};

/// The program's folder: tests/gpu/pack.sh takes it to other machines, with what is beside it.
inline std::filesystem::path here() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

/// Where it was built, or the one that it is run in.
inline std::string data_folder() {
  return std::filesystem::exists(CALOTYPE_TEST_DATA) ? CALOTYPE_TEST_DATA : "tests/data";
}

/// Numbers of a normal distribution, rounded to `type`, in float64 on the CPU.
inline at::Tensor random(at::IntArrayRef shape, at::ScalarType type, double deviation = 1, double mean = 0) {
  return at::randn(shape, at::kDouble).mul(deviation).add(mean).to(type).to(at::kDouble);
}
inline at::Tensor on_gpu(const at::Tensor& t, at::ScalarType type) {
  return t.to(kCuda, type);
}

inline std::string text(at::IntArrayRef shape) {
  std::string all;
  for (const int64_t size : shape) all += ' ' + std::to_string(size);
  return all;
}

inline std::string text(at::ScalarType type) {
  return c10::toString(type);
}

/// Largest |got - want| in units of what is allowed: a rounding to the type, of half a unit of `want`, and `slack`.
inline double excess(const at::Tensor& got, const at::Tensor& want, double slack) {
  REQUIRE(got.sizes() == want.sizes());
  const double unit = got.scalar_type() == at::kFloat ? 0x1p-24 : got.scalar_type() == at::kHalf ? 0x1p-11 : 0x1p-8;
  const double floor = got.scalar_type() == at::kHalf ? 0x1p-24 : 0;  // below float16's normal numbers
  const at::Tensor error = (got.to(at::kCPU, at::kDouble) - want).abs() / (want.abs() * unit * 1.001 + floor + slack);
  REQUIRE(error.isfinite().all().item<bool>());
  return error.max().item<double>();
}

inline Unet tiny_unet(at::ScalarType type, at::Device device = kCuda) {
  const ModelLayout found = sdxl::find_diffusers_folder(data_folder() + "/tiny_sdxl/diffusers", "auto");
  return Unet(load_weights(found.networks.unet, device, type, "tiny"), found.unet, 128);
}
/// The same with its blocks read from pinned memory as they run.
inline Unet streamed_unet(at::ScalarType type, calotype::Quantization how = calotype::Quantization::none) {
  const ModelLayout found = sdxl::find_diffusers_folder(data_folder() + "/tiny_sdxl/diffusers", "auto");
  return Unet(pinned_weights(found.networks.unet, kCuda, type, how, "tiny", [](std::span<const std::byte>) {}),
              found.unet, 128, true);
}

inline Unet::Conditioning conditioning(const Unet& unet, int64_t images) {
  const at::Device device = unet.options().device();
  const auto numbers = [device](at::IntArrayRef shape) { return at::randn(shape).to(device); };
  return unet.condition(numbers({images, 77, unet.context_width()}), numbers({images, 128}),
                        at::full({images, unet.size_numbers()}, 64.0).to(device));
}
/// What the allocator holds of the first GPU when all work is done.
inline int64_t reserved() {
  at::accelerator::synchronizeDevice(0);
  return at::accelerator::getDeviceStats(0).reserved_bytes[0].current;
}

}  // namespace cuda_test
