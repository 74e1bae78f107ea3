// Blocks that are read from pinned memory as they run, and the device that is not the current one.
#include <ATen/core/CachingHostAllocator.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/ones.h>
#include <ATen/record_function.h>

#include <algorithm>
#include <atomic>

#include "networks/components/block_layout.h"
#include "networks/components/unet_graphs.h"
#include "networks/cuda_test.h"
#include "networks/kernels/pinned_memory.h"
#include "networks/ops/weight_loading.h"

namespace {
using namespace cuda_test;

constexpr UnetGraphs::Use kOn{};

/// How often libtorch copies from the host to a GPU, on any thread, while this is there.
class HostCopies {
 public:
  HostCopies()
      : handle_(at::addGlobalCallback(
            at::RecordFunctionCallback(count).needsInputs(true).scopes({at::RecordScope::FUNCTION}))) {
    seen = 0;
  }
  ~HostCopies() { at::removeCallback(handle_); }
  int all() const { return seen; }

 private:
  static std::unique_ptr<at::ObserverContext> count(const at::RecordFunction& call) {
    if (std::string_view(call.name()) == "aten::copy_" && call.inputs()[0].toTensor().is_cuda() &&
        call.inputs()[1].toTensor().is_cpu())
      ++seen;
    return nullptr;
  }
  static inline std::atomic<int> seen = 0;
  at::CallbackHandle handle_;
};

/// How many of them bring the tiny network once.
int copies_of_tiny(calotype::Quantization how) {
  const ModelLayout found = sdxl::find_diffusers_folder(data_folder() + "/tiny_sdxl/diffusers", "auto");
  int copies = 0;
  for (const auto& [block, layout] : block_layouts(found.networks.unet, at::kBFloat16, how))
    if (!block.empty())
      copies += 1 + int(std::ranges::count_if(layout.tensors, [](const auto& t) { return t.second.is_apart; }));
  return copies;
}

}  // namespace

TEST_SUITE("gpu") {
  TEST_CASE("streamed blocks: give the bits of those that stay, in memory that does not grow") {
    const Unet streamed = streamed_unet(at::kBFloat16), unet = tiny_unet(at::kBFloat16);
    const Unet::Conditioning about = conditioning(unet, 1);
    const at::Tensor x = on_gpu(at::randn({1, unet.channels(), 8, 8}), at::kBFloat16);
    const at::Tensor want = unet(x, 7, about);
    const auto call = [&] { CHECK(streamed(x, 7, about).equal(want)); };
    for (int i = 0; i < 3; ++i) call();
    const int64_t once = reserved();
    for (int i = 0; i < 4; ++i) call();
    CHECK(reserved() == once);
  }

  TEST_CASE(
      "streamed blocks: each comes by one copy, but for what is kept in fewer bits, and libtorch pins nothing for "
      "them") {
    const int64_t pinned = at::getHostAllocator(at::kCUDA)->get_stats().allocated_bytes.allocated;
    // until the network is gone: the last call begins to bring the first block for the next one
    const auto copies = [](int calls, calotype::Quantization how) {
      const HostCopies counted;
      {
        const Unet unet = streamed_unet(at::kBFloat16, how);
        const Unet::Conditioning about = conditioning(unet, 1);
        const at::Tensor x = at::ones({1, unet.channels(), 8, 8}, unet.options());
        for (int i = 0; i < calls; ++i) unet(x, 7, about);
      }
      return counted.all();
    };
    for (const auto how : {calotype::Quantization::none, calotype::Quantization::fp8})
      CHECK(copies(3, how) - copies(1, how) == 2 * copies_of_tiny(how));
    CHECK(at::getHostAllocator(at::kCUDA)->get_stats().allocated_bytes.allocated == pinned);
  }

  TEST_CASE("streamed blocks: in fewer bits give the bits of those that stay") {
    using calotype::Quantization;
    const ModelLayout found = sdxl::find_diffusers_folder(data_folder() + "/tiny_sdxl/diffusers", "auto");
    for (const auto how : {Quantization::int8, Quantization::fp8, Quantization::nf4}) {
      CAPTURE(int(how));
      const Unet unet(load_weights(found.networks.unet, kCuda, at::kBFloat16, "tiny").quantized(how), found.unet, 128);
      const Unet::Conditioning about = conditioning(unet, 1);
      const at::Tensor x = on_gpu(at::randn({1, unet.channels(), 16, 16}), at::kBFloat16);
      const at::Tensor want = unet(x, 7, about);
      const Unet streamed = streamed_unet(at::kBFloat16, how);
      for (int i = 0; i < 2; ++i) CHECK(streamed(x, 7, about).equal(want));
    }
  }

  TEST_CASE("pinned memory: what the host has not is out of memory, and names the host") {
    std::string text;
    try {
      PinnedMemory(int64_t(1) << 50, at::kByte, kCuda, "tiny");
    } catch (const calotype::Error& e) {
      CHECK(e.code() == calotype::ErrorCode::out_of_memory);
      text = e.what();
    }
    CHECK(
        text ==
        "tiny: out of memory on the host: want 1073741824 MiB of pinned memory, where memory: block_offload keeps the "
        "weights");
    // the next to ask CUDA for its last error finds none
    CHECK(at::ones({64}, kCuda).sum().item<double>() == 64);
  }

  TEST_CASE("another GPU than the current one: gives the same numbers, recorded or not") {
    if (at::accelerator::deviceCount() < 2)
      return void(std::puts("cuda_kernels: SKIPPED for want of a second GPU: another GPU"));
    const at::Device second(c10::DeviceType::CUDA, 1);
    const Unet unet = tiny_unet(at::kFloat), there = tiny_unet(at::kFloat, second);
    const Unet::Conditioning about = conditioning(unet, 1);
    const Unet::Conditioning same = about.changed([&](const at::Tensor& t) { return t.to(second); });
    const at::Tensor x = at::ones({1, unet.channels(), 8, 8}, unet.options()), want = unet(x, 5, about).cpu();
    UnetGraphs graphs(second);
    for (int i = 0; i < 3; ++i)
      CHECK(graphs(there, x.to(second), 5, same, nullptr, kOn).cpu().allclose(want, 1e-3, 1e-4));
  }
}
