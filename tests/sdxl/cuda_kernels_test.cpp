// The kernels of plugins/sdxl/kernels/cuda against ATen in float64 on the CPU, and recorded calls of the network
// against the same calls as they are. On a machine without a GPU those cases are skipped, each by its name.
#define DOCTEST_CONFIG_IMPLEMENT
#include <ATen/DeviceAccelerator.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/CachingHostAllocator.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/zeros.h>
#include <ATen/record_function.h>
#include <calotype/error.h>
#include <calotype/loading_memory.h>
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <tuple>

#include "engine/combine.h"
#include "kernels/cuda/tiling.h"
#include "kernels/cuda_latents.h"
#include "kernels/cuda_library.h"
#include "kernels/cuda_ops.h"
#include "kernels/pinned_memory.h"
#include "layouts/diffusers_folder.h"
#include "model/denoiser.h"
#include "networks/block_layout.h"
#include "networks/pinned_weights.h"
#include "networks/unet_graphs.h"
#include "ops/attention.h"
#include "ops/cuda_fp8.h"
#include "ops/layers.h"
#include "ops/linear_weight_choice.h"
#include "ops/weight_loading.h"

namespace {
using namespace calotype::sdxl;

const at::Device kCuda(c10::DeviceType::CUDA, 0);
constexpr UnetGraphs::Use kOn{};
constexpr at::ScalarType kTypes[] = {at::kFloat, at::kBFloat16, at::kHalf};

/// The program's folder: tests/gpu/pack.sh takes it to other machines, with what is beside it.
std::filesystem::path here() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

/// Where it was built, or the one that it is run in.
std::string data_folder() {
  return std::filesystem::exists(CALOTYPE_TEST_DATA) ? CALOTYPE_TEST_DATA : "tests/data";
}

/// Why the cases on a GPU cannot run here, or "".
std::string why_no_gpu() {
  if (!is_cuda_library_built()) return "built without CALOTYPE_CUDA_KERNELS";
  if (access("/dev/nvidiactl", F_OK) && access("/dev/dxg", F_OK)) return "no GPU is here";
  Dl_info info{};
  dladdr(reinterpret_cast<void*>(&at::accelerator::deviceCount), &info);
  const auto library = std::filesystem::path(info.dli_fname).parent_path() / "libtorch_cuda.so";
  if (!dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL)) return dlerror();
  return at::accelerator::deviceCount() ? "" : "the driver shows no GPU";
}

/// Numbers of a normal distribution, rounded to `type`, in float64 on the CPU.
at::Tensor random(at::IntArrayRef shape, at::ScalarType type, double deviation = 1, double mean = 0) {
  return at::randn(shape, at::kDouble).mul(deviation).add(mean).to(type).to(at::kDouble);
}
at::Tensor on_gpu(const at::Tensor& t, at::ScalarType type) {
  return t.to(kCuda, type);
}

std::string text(at::IntArrayRef shape) {
  std::string all;
  for (const int64_t size : shape) all += ' ' + std::to_string(size);
  return all;
}

std::string text(at::ScalarType type) {
  return c10::toString(type);
}

/// Largest |got - want| in units of what is allowed: a rounding to the type, of half a unit of `want`, and `slack`.
double excess(const at::Tensor& got, const at::Tensor& want, double slack) {
  REQUIRE(got.sizes() == want.sizes());
  const double unit = got.scalar_type() == at::kFloat ? 0x1p-24 : got.scalar_type() == at::kHalf ? 0x1p-11 : 0x1p-8;
  const double floor = got.scalar_type() == at::kHalf ? 0x1p-24 : 0;  // below float16's normal numbers
  const at::Tensor error = (got.to(at::kCPU, at::kDouble) - want).abs() / (want.abs() * unit * 1.001 + floor + slack);
  REQUIRE(error.isfinite().all().item<bool>());
  return error.max().item<double>();
}

struct NormCase {
  std::vector<int64_t> shape;  // [N,C,H,W]
  int64_t groups;
};

double group_norm_excess(const NormCase& c, at::ScalarType type, double mean, bool silu, bool adds) {
  const int64_t images = c.shape[0], channels = c.shape[1];
  const at::Tensor x = random(c.shape, type, 2, mean), weight = random({channels}, type),
                   bias = random({channels}, type);
  const at::Tensor added = adds ? random({images, channels}, type) : at::Tensor();
  at::Tensor want = at::group_norm(adds ? x + added.unsqueeze(-1).unsqueeze(-1) : x, c.groups, weight, bias, 1e-5);
  if (silu) want = at::silu(want);
  const at::Tensor got =
      cuda_group_norm(on_gpu(x, type).contiguous(at::MemoryFormat::ChannelsLast), c.groups, on_gpu(weight, type),
                      on_gpu(bias, type), 1e-5, silu, adds ? on_gpu(added, type) : added);
  CHECK(got.is_contiguous(at::MemoryFormat::ChannelsLast));
  return excess(got, want, 2e-5 * (1 + std::abs(mean)));
}

Unet tiny_unet(at::ScalarType type, at::Device device = kCuda) {
  const ModelLayout found = find_diffusers_folder(data_folder() + "/tiny_sdxl/diffusers", "auto");
  return Unet(load_weights(found.networks.unet, device, type, "tiny"), found.unet, 128);
}
/// The same with its blocks read from pinned memory as they run.
Unet streamed_unet(at::ScalarType type, calotype::Quantization how = calotype::Quantization::none) {
  const ModelLayout found = find_diffusers_folder(data_folder() + "/tiny_sdxl/diffusers", "auto");
  return Unet(pinned_weights(found.networks.unet, kCuda, type, how, "tiny", [](std::span<const std::byte>) {}),
              found.unet, 128, true);
}

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
  const ModelLayout found = find_diffusers_folder(data_folder() + "/tiny_sdxl/diffusers", "auto");
  int copies = 0;
  for (const auto& [block, layout] : block_layouts(found.networks.unet, at::kBFloat16, how))
    if (!block.empty())
      copies += 1 + int(std::ranges::count_if(layout.tensors, [](const auto& t) { return t.second.is_apart; }));
  return copies;
}
Unet::Conditioning conditioning(const Unet& unet, int64_t images) {
  const at::Device device = unet.options().device();
  const auto numbers = [device](at::IntArrayRef shape) { return at::randn(shape).to(device); };
  return unet.condition(numbers({images, 77, unet.context_width()}), numbers({images, 128}),
                        at::full({images, unet.time_ids()}, 64.0).to(device));
}
/// What the allocator holds of the first GPU when all work is done.
int64_t reserved() {
  at::accelerator::synchronizeDevice(0);
  return at::accelerator::getDeviceStats(0).reserved_bytes[0].current;
}

template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const calotype::Error& e) {
    CHECK(e.code() == calotype::ErrorCode::unavailable);
    return e.what();
  }
  return "";
}
}  // namespace

TEST_CASE("cuda library: a missing file is named, with what to do") {
  CHECK(
      error_of([] { open_cuda_library("/nowhere/sdxl_cuda.so"); }) ==
      "/nowhere/sdxl_cuda.so: no such file, want the kernels for CUDA that this was built with; install them there, or "
      "build with "
      "CALOTYPE_CUDA_KERNELS=OFF");
}

TEST_CASE("cuda library: a file that is no library says so") {
  const std::string file = here() / "sdxl/clip_merges.txt";
  const std::string text = error_of([&] { open_cuda_library(file); });
  CHECK(text == file + ": cannot be loaded: " + file +
                    ": invalid ELF header; want the libtorch with CUDA that it was built for "
                    "(CALOTYPE_CUDA=1 ./dev build)");
}

TEST_CASE("cuda library: memory that runs out while it is loaded is told as that") {
#ifdef __SANITIZE_ADDRESS__  // which wants terabytes of addresses for itself
  return;
#endif
  const std::string file = here().parent_path() / "lib/calotype/plugins/sdxl.so";  // larger than what is left
  const pid_t child = fork();
  if (child == 0) {
    rlimit addresses{};
    getrlimit(RLIMIT_AS, &addresses);
    size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    addresses.rlim_cur = pages * size_t(sysconf(_SC_PAGESIZE)) + (1 << 20);
    setrlimit(RLIMIT_AS, &addresses);
    try {
      open_cuda_library(file);
    } catch (const calotype::Error& e) {
      const bool is_told = std::string_view(e.what()).ends_with(calotype::kMoreMemory);
      _exit(is_told && e.code() == calotype::ErrorCode::out_of_memory ? 0 : 1);
    }
    _exit(2);
  }
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("cuda library: another library is not taken for it") {
  const std::string file = here().parent_path() / "lib/calotype/plugins/schedulers.so";
  CHECK(error_of([&] { open_cuda_library(file); }) == file + ": want a table of " +
                                                          std::to_string(sizeof(cuda::Library)) +
                                                          " bytes, got 0; build and install it together with sdxl.so");
}

TEST_CASE("cuda ops: tensors on the CPU are not theirs") {
  for (const at::ScalarType type : kTypes) CHECK(!has_cuda_kernels(at::full({2}, 1, type)));
}

TEST_CASE("cuda tiling: each pack of each row has one thread, in blocks and grids that a GPU takes") {
  for (const int64_t rows : {1, 2, 7, 8, 77, 300, 4096})
    for (const int64_t packs : {1, 2, 31, 32, 33, 40, 80, 97, 320})
      for (const int64_t most : {1, 64, 1024}) {
        CAPTURE(rows);
        CAPTURE(packs);
        CAPTURE(most);
        const cuda::Tiling t = cuda::tile(rows, packs, 2, 4, most);
        CHECK(t.wide <= 32);
        CHECK(t.wide * t.tall <= unsigned(cuda::kThreads));
        CHECK(t.tiles <= 65535);
        CHECK((t.parts == 1 || int64_t(t.parts) * t.tiles * t.images <= most));
        std::vector<int> threads(size_t(rows * packs));
        for (unsigned tile = 0; tile < t.tiles; ++tile)
          for (unsigned x = 0; x < t.wide; ++x)
            for (int64_t first = 0; first < int64_t(t.parts) * t.tall; ++first)
              for (int64_t row = first; row < rows; row += int64_t(t.parts) * t.tall)
                if (const int64_t pack = int64_t(tile) * t.wide + x; pack < packs)
                  ++threads[size_t(row * packs + pack)];
        CHECK(std::count(threads.begin(), threads.end(), 1) == rows * packs);
      }
}

TEST_SUITE("gpu") {
  TEST_CASE("cuda group norm: equals ATen's in float64, for all widths of groups, tails and places") {
    const NormCase cases[] = {{{2, 320, 32, 32}, 32}, {{1, 640, 17, 9}, 32},  {{2, 1920, 5, 7}, 32},
                              {{1, 2560, 3, 3}, 32},  {{2, 128, 64, 65}, 32}, {{3, 6, 5, 5}, 3},
                              {{1, 33, 1, 1}, 11},    {{2, 48, 31, 2}, 1},    {{1, 64, 128, 130}, 32},
                              {{1, 8, 1, 3}, 2}};
    int call = 0;
    for (const NormCase& c : cases)
      for (const at::ScalarType type : kTypes)
        for (const bool silu : {false, true})
          for (const bool adds : {false, true}) {
            const int index = call++;
            if ((index + index / 4) % 2) continue;  // what is added, or not, with half of the shapes and types each
            CAPTURE(text(c.shape));
            CAPTURE(text(type));
            CAPTURE(silu);
            CAPTURE(adds);
            CHECK(group_norm_excess(c, type, 0.5, silu, adds) < 1);
          }
  }

  TEST_CASE("cuda group norm: a mean far from 0 costs no digits") {
    CHECK(group_norm_excess({{2, 320, 33, 31}, 32}, at::kFloat, 1000, false, false) < 1);
  }

  TEST_CASE("cuda group norm: takes other layouts and the part of a tensor that begins anywhere") {
    const at::Tensor all = random({2, 65, 6, 6}, at::kBFloat16), x = all.narrow(1, 1, 64),
                     one = at::ones({64}, at::kDouble);
    const at::Tensor part = on_gpu(all, at::kBFloat16).narrow(1, 1, 64);
    const at::Tensor got =
        cuda_group_norm(part, 32, on_gpu(one, at::kBFloat16), on_gpu(one, at::kBFloat16), 1e-5, false, {});
    CHECK(excess(got, at::group_norm(x, 32, one, one, 1e-5), 1e-4) < 1);
  }

  TEST_CASE("cuda group norm: gives the same bits each time") {
    const at::Tensor x = on_gpu(random({2, 640, 64, 64}, at::kHalf), at::kHalf), one = at::ones({640}, x.options());
    const auto once = [&] { return cuda_group_norm(x, 32, one, one, 1e-5, true, {}); };
    CHECK(once().equal(once()));
  }

  TEST_CASE("cuda layer norm: equals ATen's in float64, in registers, beyond them and with tails") {
    for (const at::ScalarType type : kTypes)
      for (const int64_t channels : {1, 7, 8, 64, 640, 768, 1000, 1024, 1032, 1280, 1536, 2048, 2056, 2050, 5121})
        for (const int64_t rows : {1, 77}) {
          CAPTURE(text(type));
          CAPTURE(channels);
          CAPTURE(rows);
          const at::Tensor x = random({2, rows, channels}, type, 2, 30), weight = random({channels}, type),
                           bias = random({channels}, type);
          const at::Tensor got = cuda_layer_norm(on_gpu(x, type), on_gpu(weight, type), on_gpu(bias, type), 1e-5);
          CHECK(excess(got, at::layer_norm(x, {channels}, weight, bias, 1e-5), 1e-4) < 1);
        }
  }

  TEST_CASE("cuda layer norm of a sum: writes the rounded sum and what layer norm makes of it") {
    for (const at::ScalarType type : kTypes)
      for (const int64_t channels : {5, 640, 1280, 2048, 3000, 3001}) {
        CAPTURE(text(type));
        CAPTURE(channels);
        const at::Tensor x = random({3, 11, channels}, type), onto = random({3, 11, channels}, type);
        const at::Tensor weight = random({channels}, type), bias = random({channels}, type);
        const auto [sum, normal] =
            cuda_layer_norm_of_sum(on_gpu(x, type), on_gpu(onto, type), on_gpu(weight, type), on_gpu(bias, type), 1e-5);
        CHECK(sum.equal(on_gpu(x, type) + on_gpu(onto, type)));
        CHECK(excess(normal, at::layer_norm(sum.to(at::kCPU, at::kDouble), {channels}, weight, bias, 1e-5), 1e-4) < 1);
      }
  }

  TEST_CASE("cuda geglu: equals a * gelu(b) in float64, with and without a bias") {
    for (const at::ScalarType type : kTypes)
      for (const int64_t channels : {1, 3, 8, 12, 2560, 5120, 5124})
        for (const bool biased : {false, true}) {
          CAPTURE(text(type));
          CAPTURE(channels);
          CAPTURE(biased);
          const at::Tensor x = random({2, 37, 2 * channels}, type, 3),
                           bias = biased ? random({2 * channels}, type) : at::Tensor();
          const auto halves = (biased ? x + bias : x).chunk(2, -1);
          const at::Tensor got = cuda_geglu(on_gpu(x, type), biased ? on_gpu(bias, type) : bias);
          CHECK(excess(got, halves[0] * at::gelu(halves[1]), 2e-5) < 1);
        }
  }

  TEST_CASE("cuda gated weight: equals the product and its gate in float64") {
    for (const at::ScalarType type : kTypes) {
      const at::Tensor x = random({2, 19, 64}, type), weight = random({2 * 40, 64}, type, 0.1),
                       bias = random({80}, type);
      const auto halves = at::linear(x, weight, bias).chunk(2, -1);
      const at::Tensor got = linear_weight({on_gpu(weight, type)}, calotype::Quantization::none, true)
                                 ->linear(on_gpu(x, type), on_gpu(bias, type), {});
      const double slack = type == at::kFloat  ? 5e-3
                           : type == at::kHalf ? 1e-2
                                               : 6e-2;  // the product is rounded; TF32 in float32
      CHECK(excess(got, halves[0] * at::gelu(halves[1]), slack) < 1);
    }
  }

  TEST_CASE("cuda residual: equals the sum in float64, in place, with and without a bias") {
    const std::vector<int64_t> shapes[] = {{2, 320, 16, 16}, {1, 4, 9, 9}, {1, 3, 5, 1}, {2, 1283, 2, 2}};
    for (const at::ScalarType type : kTypes)
      for (const auto& shape : shapes)
        for (const bool biased : {false, true}) {
          CAPTURE(text(type));
          CAPTURE(text(shape));
          CAPTURE(biased);
          const at::Tensor x = random(shape, type), onto = random(shape, type),
                           bias = biased ? random({shape[1]}, type) : at::Tensor();
          const at::Tensor want = x + onto + (biased ? bias.view({1, -1, 1, 1}) : at::zeros({1}, at::kDouble));
          const at::Tensor target = on_gpu(x, type).contiguous(at::MemoryFormat::ChannelsLast);
          const at::Tensor got = cuda_residual(target, biased ? on_gpu(bias, type) : bias, on_gpu(onto, type));
          CHECK(got.const_data_ptr() == target.const_data_ptr());
          CHECK(excess(got, want, 1e-6) < 1);
        }
  }

  TEST_CASE("cuda fp8 rows: the nearest in e4m3, of which the largest of a row is 448") {
    for (const at::ScalarType type : kTypes)
      for (const int64_t channels : {1, 8, 33, 640, 1280, 5120}) {
        CAPTURE(text(type));
        CAPTURE(channels);
        at::Tensor x = random({9, channels}, type, 3);
        x[4].zero_();
        const auto [rows, scales] = cuda_fp8_rows(on_gpu(x, type));
        const at::Tensor values = rows.cpu().to(at::kDouble), largest = values.abs().amax(-1);
        CHECK(largest[4].item<double>() == 0);
        CHECK(at::cat({largest.narrow(0, 0, 4), largest.narrow(0, 5, 4)}).eq(448).all().item<bool>());
        // half a unit of three bits of fraction, and below the normal numbers half of 2^-9
        const at::Tensor got = values * scales.cpu().to(at::kDouble);
        const at::Tensor allowed = x.abs() * 0x1.01p-4 + scales.cpu().to(at::kDouble) * 0x1p-10;
        CHECK((got - x).abs().le(allowed).all().item<bool>());
      }
  }

  TEST_CASE("cuda fp8 weight: equals the product of the rounded numbers, with bias and sum, gated or not") {
    const at::Tensor weight = random({160, 320}, at::kBFloat16, 0.1);
    if (!can_multiply_fp8(on_gpu(weight, at::kBFloat16)))
      return void(std::puts("cuda_kernels: SKIPPED on a GPU of compute capability below 8.9: cuda fp8 weight"));
    const auto rounded_rows = [](const at::Tensor& m) {
      const at::Tensor scale = m.to(at::kFloat).abs().amax(-1, true) / 448;
      return (m.to(at::kFloat) / scale).to(at::kFloat8_e4m3fn).to(at::kDouble) * scale;
    };
    for (const at::ScalarType type : kTypes)
      for (const int64_t count : {1, 7, 77, 300})
        for (const bool gated : {false, true}) {
          CAPTURE(text(type));
          CAPTURE(count);
          CAPTURE(gated);
          const at::Tensor x = random({2, count, 320}, at::kBFloat16), bias = random({160}, at::kBFloat16),
                           onto = random({2, count, gated ? 80 : 160}, at::kBFloat16);
          at::Tensor want = at::linear(rounded_rows(x), rounded_rows(weight), bias);
          if (gated) want = want.narrow(-1, 0, 80) * at::gelu(want.narrow(-1, 80, 80));
          const at::Tensor got = linear_weight({on_gpu(weight, type)}, calotype::Quantization::fp8, gated)
                                     ->linear(on_gpu(x, type), on_gpu(bias, type), on_gpu(onto, type));
          // a number at the middle of two of e4m3 may go to either side; a product that is off is off by its size
          const at::Tensor error = got.to(at::kCPU, at::kDouble) - (want + onto);
          CHECK(error.norm().item<double>() < 0.02 * want.norm().item<double>());
        }
  }

  TEST_CASE(
      "cuda int8 weight: gives the numbers of the CPU's, for many rows and few, with bias and sum, gated or not") {
    for (const at::ScalarType type : kTypes)
      for (const int64_t count : {1, 16, 17, 77})
        for (const bool gated : {false, true})
          for (const bool adds : {false, true}) {
            CAPTURE(text(type));
            CAPTURE(count);
            CAPTURE(gated);
            CAPTURE(adds);
            const at::Tensor x = random({2, count, 64}, type).to(type), weight = random({80, 64}, type, 0.1).to(type);
            const at::Tensor bias = adds ? random({80}, type).to(type) : at::Tensor(),
                             onto = adds ? random({2, count, gated ? 40 : 80}, type).to(type) : at::Tensor();
            const auto moved = [](const at::Tensor& t) { return t.defined() ? t.to(kCuda) : t; };
            const auto on_cpu = linear_weight({weight}, calotype::Quantization::int8, gated);
            const auto there = linear_weight({weight.to(kCuda)}, calotype::Quantization::int8, gated);
            const at::Tensor got = there->linear(moved(x), moved(bias), moved(onto));
            // both round once, and GELU of the CPU's is as exact as its type
            CHECK(excess(got, on_cpu->linear(x, bias, onto).to(at::kDouble), type == at::kFloat ? 1e-5 : 1e-3) < 2);
          }
  }

  TEST_CASE(
      "all fusions: a network gives the numbers of few, and the products read what norms and gates made for them") {
    using calotype::Quantization;
    const ModelLayout found = find_diffusers_folder(data_folder() + "/tiny_sdxl/diffusers", "auto");
    for (const at::ScalarType type : kTypes)
      for (const Quantization how : {Quantization::none, Quantization::int8, Quantization::fp8}) {
        CAPTURE(text(type));
        CAPTURE(int(how));
        const Weights weights = load_weights(found.networks.unet, kCuda, type, "tiny").quantized(how);
        const Unet few(weights, found.unet, 128), all(weights.fusing_all(true), found.unet, 128);
        const Unet::Conditioning about = conditioning(few, 1);
        const at::Tensor x = on_gpu(at::randn({1, few.channels(), 16, 16}), type);
        const at::Tensor want = few(x, 7, about), got = all(x, 7, about);
        if (how != Quantization::int8) CHECK(got.equal(want));
        // int8's own end adds and rounds once, a norm adds what is rounded: the next bytes may be others
        const double part = type == at::kFloat ? 1e-4 : 2e-2;
        CHECK((got - want).to(at::kDouble).norm().item<double>() <= part * want.to(at::kDouble).norm().item<double>());
      }
  }

  TEST_CASE("cuda layers in bytes: give what they give of numbers") {
    for (const at::ScalarType type : kTypes)
      for (const auto how : {calotype::Quantization::int8, calotype::Quantization::fp8}) {
        CAPTURE(text(type));
        CAPTURE(int(how));
        const at::Tensor x = on_gpu(random({2, 19, 64}, type), type), wide = on_gpu(random({160, 64}, type, 0.1), type),
                         narrow = on_gpu(random({64, 80}, type, 0.1), type), bias = on_gpu(random({160}, type), type),
                         one = at::ones({64}, x.options()), zero = at::zeros({64}, x.options());
        const auto gated = linear_weight({wide}, how, true), back = linear_weight({narrow}, how, false);
        REQUIRE(gated->byte_type().has_value());
        REQUIRE(back->byte_type() == gated->byte_type());
        const auto [sum, normal] = cuda_layer_norm_bytes(x, x, one, zero, 1e-5, *gated->byte_type());
        CHECK(sum.equal(x + x));
        const at::Tensor numbers = cuda_layer_norm(sum, one, zero, 1e-5), want = gated->linear(numbers, bias, {});
        CHECK(gated->linear_of(normal, bias, {}).equal(want));
        CHECK(back->linear_of(gated->gated_bytes(normal, bias, *back->byte_type()), {}, x)
                  .equal(back->linear(want, {}, x)));
      }
  }

  TEST_CASE("cuda layers of numbers: do not take bytes") {
    const at::Tensor weight = at::ones({8, 8}, at::TensorOptions(kCuda).dtype(at::kFloat));
    const auto plain = linear_weight({weight}, calotype::Quantization::none, false);
    CHECK(!plain->byte_type());
    const ByteRows rows{weight.to(at::kChar), weight, at::kFloat};
    CHECK_THROWS_WITH_AS(plain->linear_of(rows, {}, {}), "linear layer: want one that reads bytes, got one of numbers",
                         calotype::Error);
  }

  TEST_CASE("cuda scaled latents: are the product, rounded once, as often as asked") {
    for (const at::ScalarType type : kTypes)
      for (const int64_t copies : {1, 2}) {
        const at::Tensor x = random({3, 4, 9, 15}, at::kFloat, 10), want = x * 0.137;
        const at::Tensor got = cuda_scaled(on_gpu(x, at::kFloat), 0.137, copies, type);
        CHECK(got.is_contiguous(at::MemoryFormat::ChannelsLast));
        for (const at::Tensor& part : got.chunk(copies)) CHECK(excess(part, want, 1e-6) < 1);
      }
  }

  TEST_CASE("cuda denoised: equals the guided formula in float64, whatever the layout of the output") {
    for (const at::ScalarType type : kTypes)
      for (const bool guide : {false, true})
        for (const Prediction prediction : {Prediction::epsilon, Prediction::v_prediction, Prediction::edm})
          for (const auto layout : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
            CAPTURE(text(type));
            CAPTURE(guide);
            const at::Tensor x = random({3, 4, 9, 15}, at::kFloat, 14),
                             output = random({guide ? 6 : 3, 4, 9, 15}, type);
            const at::Tensor one = guide ? guided(output.narrow(0, 0, 3), output.narrow(0, 3, 3), {7.5, 0}) : output;
            const auto [of_x, of_output] = clean_parts(11, prediction, 0.5);
            const at::Tensor got = cuda_denoised(on_gpu(x, at::kFloat), on_gpu(output, type).contiguous(layout), of_x,
                                                 of_output, guide ? std::optional(7.5) : std::nullopt);
            CHECK(got.is_contiguous());
            CHECK(excess(got, denoised(x, one, 11, prediction, 0.5), 1e-4) < 1);
          }
  }

  TEST_CASE("combine: on a GPU equals the sum in float64 with any number of terms, the target among them or not") {
    cuda_library();  // brings the operator
    for (size_t count = 1; count <= 18; ++count)
      for (size_t aliased = 0; aliased <= count; ++aliased) {
        CAPTURE(count);
        CAPTURE(aliased);
        std::vector<at::Tensor> terms;
        std::vector<double> c;
        at::Tensor want = at::zeros({2, 4, 5, 7}, at::kDouble);
        for (size_t i = 0; i < count; ++i) {
          const at::Tensor term = random({2, 4, 5, 7}, at::kFloat);
          terms.push_back(on_gpu(term, at::kFloat)), c.push_back(0.3 * double(i) - 1);
          want = want.add(term, c.back());
        }
        std::vector<const at::Tensor*> pointers;
        for (const at::Tensor& t : terms) pointers.push_back(&t);
        at::Tensor out = aliased < count ? terms[aliased] : at::empty_like(terms[0]);
        calotype::combine(c, pointers, out);
        CHECK(excess(out, want, 2e-5) < 1);
      }
    CHECK(c10::Dispatcher::singleton()
              .findSchemaOrThrow("calotype::combine", "")
              .hasKernelForDispatchKey(c10::DispatchKey::CUDA));
  }

  TEST_CASE("combine: on a GPU refuses terms of other shapes, types, layouts and devices") {
    cuda_library();  // brings the operator
    const at::Tensor out = at::zeros({2, 4}, at::TensorOptions(kCuda).dtype(at::kFloat));
    const auto error_with = [&](const at::Tensor& term, std::vector<double> c = {1}) -> std::string {
      const auto combine = c10::Dispatcher::singleton().findSchemaOrThrow("calotype::combine", "");
      try {
        combine.typed<void(at::TensorList, at::ArrayRef<double>, const at::Tensor&)>().redispatch(
            c10::DispatchKeySet(c10::DispatchKey::CUDA), {term}, c, out);
      } catch (const c10::Error& e) {
        return e.what_without_backtrace();
      }
      return "nothing";
    };
    CHECK(error_with(out) == "nothing");
    CHECK(error_with(out.narrow(0, 0, 1)) == "combine: a term: want [2, 4], got [1, 4]");
    CHECK(error_with(out.to(at::kHalf)) == "combine: a term: want float32, got Half");
    CHECK(error_with(out.cpu()) == "combine: a term: want a tensor on cuda:0, got one on cpu");
    CHECK(error_with(at::zeros({4, 2}, out.options()).t()) == "combine: a term: want it dense, got strides [1, 2]");
    CHECK(error_with(out, {1, 2}) == "combine: coefficients: want 1, got 2");
  }

  TEST_CASE("attention choice: whichever is the fastest gives libtorch's numbers, for parts of wider tensors too") {
    AttentionChoice choice;
    for (const at::ScalarType type : kTypes)
      for (const int64_t keys : {1024, 77}) {
        CAPTURE(text(type));
        CAPTURE(keys);
        const at::Tensor wide = random({2, 1024, 3 * 128}, type), other = random({2, keys, 2 * 128}, type);
        const auto halves = other.chunk(2, -1);
        const auto on = [&](const at::Tensor& t) { return on_gpu(t, type); };
        const auto parts = on(other).chunk(2, -1);
        const at::Tensor want = attention(wide.narrow(-1, 0, 128), halves[0], halves[1], 2);
        const at::Tensor q = on(wide).narrow(-1, 0, 128);
        const at::Tensor got = attention(q, parts[0], parts[1], 2, false, &choice);
        CHECK(got.equal(attention(q, parts[0], parts[1], 2, false, &choice)));
        CHECK(excess(got, want, type == at::kFloat ? 1e-4 : type == at::kHalf ? 1e-3 : 1e-2) < 1);
      }
  }

  TEST_CASE("attention choice: measured_text leaves attention among an image's places to libtorch's rule") {
    const Unet unet = tiny_unet(at::kBFloat16);
    const at::Tensor x = on_gpu(at::randn({2, unet.channels(), 16, 16}), at::kBFloat16);
    const auto measured = [&](AttentionRule rule) {
      Unet::Conditioning about = conditioning(unet, 2);
      about.context.attention = std::make_shared<AttentionChoice>(rule);
      unet(x, 9, about);
      return about.context.attention->measured();
    };
    CHECK(measured(AttentionRule::measured_text) > 0);
    CHECK(measured(AttentionRule::measured) ==
          2 * measured(AttentionRule::measured_text));  // one of each in every layer
  }

  TEST_CASE("graphs: a measured attention is recorded as it ran") {
    const Unet unet = tiny_unet(at::kBFloat16);
    Unet::Conditioning about = conditioning(unet, 2);
    about.context.attention = std::make_shared<AttentionChoice>();
    UnetGraphs graphs(kCuda);
    const at::Tensor x = on_gpu(at::randn({2, unet.channels(), 16, 16}), at::kBFloat16),
                     want = graphs(unet, x, 9, about, nullptr, kOn);
    for (int i = 0; i < 3; ++i) CHECK(graphs(unet, x, 9, about, nullptr, kOn).equal(want));
    CHECK(graphs.recorded() == 1);
  }

  TEST_CASE("graphs: every recorded call gives the bits of the same call as it is, whatever the prompt") {
    for (const at::ScalarType type : kTypes) {
      const Unet unet = tiny_unet(type);
      const Unet::Conditioning one = conditioning(unet, 2), other = conditioning(unet, 2);
      UnetGraphs graphs(kCuda);
      const std::tuple<double, int64_t, const Unet::Conditioning*> calls[] = {
          {999, 8, &one}, {3.25, 8, &other}, {500, 12, &other}, {500, 8, &one}, {999, 12, &one}};
      for (const auto& [time, width, about] : calls) {
        CAPTURE(text(type));
        CAPTURE(time);
        CAPTURE(width);
        const at::Tensor x = on_gpu(at::randn({2, unet.channels(), 8, width}), type), kept = x.clone();
        CHECK(graphs(unet, x, time, *about, nullptr, kOn).equal(unet(x, time, *about)));
        CHECK(x.equal(kept));
      }
      CHECK(graphs.recorded() == 2);  // one for each width
      CHECK(graphs.take_warnings().empty());
    }
  }

  TEST_CASE("graphs: one is recorded for three requests of a size, which has no part of their prompts") {
    const Unet unet = tiny_unet(at::kFloat);
    UnetGraphs graphs(kCuda);
    for (int request = 0; request < 3; ++request) {
      const Unet::Conditioning about = conditioning(unet, 2);  // gone when the next one begins
      const UnetGraphs::Use use{calotype::CudaGraphs::automatic, graphs.new_pass()};
      for (const double time : {900.0, 500.0, 100.0}) {
        const at::Tensor x = on_gpu(at::randn({2, unet.channels(), 8, 8}), at::kFloat);
        CHECK(graphs(unet, x, time, about, nullptr, use).equal(unet(x, time, about)));
      }
      CHECK(graphs.recorded() == (request == 0 ? 0 : 1));
    }
  }

  TEST_CASE("graphs: none is recorded where they are off, and a size has at most eight") {
    const Unet unet = tiny_unet(at::kFloat);
    const Unet::Conditioning about = conditioning(unet, 1);
    UnetGraphs graphs(kCuda);
    const auto call = [&](int64_t width, calotype::CudaGraphs mode) {
      const at::Tensor x = at::ones({1, unet.channels(), 4, width}, unet.options());
      graphs(unet, x, 3, about, nullptr, {mode, graphs.new_pass()});
    };
    for (int i = 0; i < 3; ++i) call(8, calotype::CudaGraphs::off);
    CHECK(graphs.is_empty());
    for (int64_t width = 8; width < 8 + 9 * 4; width += 4)
      for (int i = 0; i < 2; ++i) call(width, calotype::CudaGraphs::on);
    CHECK(graphs.recorded() == 9);
    call(8 + 4, calotype::CudaGraphs::on);  // still there
    CHECK(graphs.recorded() == 9);
    call(8, calotype::CudaGraphs::on);  // the oldest, which had to go
    CHECK(graphs.recorded() == 10);
  }

  TEST_CASE("graphs: calls that keep deep features and calls that take them over are recorded too") {
    const Unet unet = tiny_unet(at::kBFloat16);
    const Unet::Conditioning about = conditioning(unet, 2);
    UnetGraphs graphs(kCuda);
    std::vector<at::Tensor> all, wanted;
    for (int i = 0; i < 2; ++i) {
      const at::Tensor x = on_gpu(at::randn({2, unet.channels(), 8, 8}), at::kBFloat16);
      at::Tensor deep, want;
      for (const double time : {900.0, 800.0, 700.0}) {  // the first one computes
        const bool equal = graphs(unet, x, time, about, &deep, kOn).equal(unet(x, time, about, &want));
        CHECK(equal);
        CHECK(deep.equal(want));
      }
      all.push_back(deep), wanted.push_back(want);
    }
    // later launches leave them alone
    for (size_t i = 0; i < all.size(); ++i) CHECK(all[i].equal(wanted[i]));
    CHECK(graphs.recorded() == 2);
  }

  TEST_CASE("graphs: what a call gave stays as it is when the next one is launched") {
    const Unet unet = tiny_unet(at::kFloat);
    const Unet::Conditioning about = conditioning(unet, 1);
    UnetGraphs graphs(kCuda);
    const auto call = [&](double time) {
      return graphs(unet, at::ones({1, unet.channels(), 8, 8}, unet.options()), time, about, nullptr, kOn);
    };
    call(1);
    const at::Tensor second = call(2), kept = second.clone();
    call(900);
    CHECK(second.equal(kept));
  }

  TEST_CASE("graphs: memory does not grow from one request to the next, and goes when they are let go") {
    const Unet unet = tiny_unet(at::kBFloat16);
    UnetGraphs graphs(kCuda);
    const auto used = [&] {
      {
        const Unet::Conditioning about = conditioning(unet, 2);
        for (int i = 0; i < 3; ++i)
          graphs(unet, at::ones({2, unet.channels(), 8, 8}, unet.options()), i, about, nullptr, kOn);
      }
      at::accelerator::synchronizeDevice(0);
      at::accelerator::emptyCache();
      return reserved();
    };
    const auto let_go = [&] {
      graphs.clear();
      at::accelerator::emptyCache();
      return reserved();
    };
    used();
    const auto once = used();
    used();
    CHECK(used() == once);
    const auto without = let_go();
    CHECK(without < once);
    used();
    CHECK(let_go() == without);
  }

  TEST_CASE("graphs: where one cannot be recorded a warning says so, the others stay, and the device works on") {
    const Unet unet = tiny_unet(at::kFloat);
    const Unet::Conditioning about = conditioning(unet, 1);
    UnetGraphs graphs(kCuda);
    const at::Tensor x = at::ones({1, unet.channels(), 8, 8}, unet.options());
    at::Tensor deep;
    const at::Tensor want = graphs(unet, x, 5, about, nullptr, kOn);
    graphs(unet, x, 5, about, nullptr, kOn);
    graphs(unet, x, 5, about, &deep, kOn);
    graphs(unet, x, 4, about, &deep, kOn);
    CHECK(graphs.recorded() == 1);
    deep = deep.cpu();  // on the wrong side: neither a recording nor a call as it is can read it
    CHECK_THROWS(graphs(unet, x, 4, about, &deep, kOn));
    const auto warnings = graphs.take_warnings();
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].starts_with("cuda_graphs: the UNet's calls cannot be recorded: "));
    CHECK(warnings[0].ends_with("; they run one kernel at a time, as with cuda_graphs: off"));
    // what a recording cut short left to the allocators would be asked by the next to want memory
    CHECK(at::ones({64}).pin_memory().to(kCuda).sum().item<double>() == 64);
    at::accelerator::emptyCache();
    at::ones({1 << 24}, unet.options());
    for (int i = 0; i < 3; ++i) CHECK(graphs(unet, x, 5, about, nullptr, kOn).equal(want));
    CHECK(graphs.recorded() == 1);
    CHECK(graphs.take_warnings().empty());
  }

  TEST_CASE("graphs: a first call that fails does not count as one") {
    const Unet unet = tiny_unet(at::kFloat);
    Unet::Conditioning about = conditioning(unet, 1);
    const at::Tensor added = about.added, x = at::ones({1, unet.channels(), 8, 8}, unet.options());
    UnetGraphs graphs(kCuda);
    about.added = added.cpu();
    CHECK_THROWS(graphs(unet, x, 5, about, nullptr, kOn));
    about.added = added;
    const at::Tensor want = unet(x, 5, about);
    CHECK(graphs(unet, x, 5, about, nullptr, kOn).equal(want));
    CHECK(graphs.recorded() == 0);
    for (int i = 0; i < 3; ++i) CHECK(graphs(unet, x, 5, about, nullptr, kOn).equal(want));
    CHECK(graphs.recorded() == 1);
  }

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
    const ModelLayout found = find_diffusers_folder(data_folder() + "/tiny_sdxl/diffusers", "auto");
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

int main(int argc, char** argv) {
  const at::NoGradGuard no_grad;
  doctest::Context context(argc, argv);
  const std::string why = why_no_gpu();
  if (!why.empty() && std::getenv("CALOTYPE_TEST_DEVICE")) {  // where a GPU is to be tested
    std::printf("cuda_kernels: FAILED, nothing was tested: %s\n", why.c_str());
    return 1;
  }
  if (!why.empty()) {
    std::printf("cuda_kernels: %s: the cases of the suite \"gpu\" are skipped:\n", why.c_str());
    std::fflush(stdout);
    const char* list[] = {argv[0], "--list-test-cases", "--test-suite=gpu"};
    doctest::Context(3, list).run();
    context.setOption("test-suite-exclude", "gpu");
  }
  return context.run();
}
