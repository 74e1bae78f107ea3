#include "device/device.h"

#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/DeviceGuard.h>
#include <calotype/error.h>
#include <calotype/loading_memory.h>
#include <dlfcn.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "device/cgroup.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void unavailable(const std::string& text) {
  throw Error(ErrorCode::unavailable, text);
}

/// Why there is no CUDA; an empty text where there is.
struct NoCuda {
  std::string text;
  ErrorCode code = ErrorCode::unavailable;
};

/// Loads libtorch_cuda from where libtorch_cpu is; its kernels register themselves.
NoCuda find_cuda() {
  Dl_info info{};
  dladdr(reinterpret_cast<void*>(&at::accelerator::deviceCount), &info);
  const fs::path library = fs::path(info.dli_fname).parent_path() / "libtorch_cuda.so";
  if (!fs::exists(library))
    return {"this libtorch was built without CUDA; install one with it (CALOTYPE_CUDA=1 ./dev build)"};
  if (dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL)) return {};
  const char* cause = dlerror();
  const std::string problem = "libtorch_cuda cannot be loaded: " + std::string(cause ? cause : "unknown cause");
  if (lacked_memory(problem)) return {problem + kMoreMemory, ErrorCode::out_of_memory};
  return {problem + "; install libtorch with its CUDA libraries (CALOTYPE_CUDA=1 ./dev build)"};
}

/// The same, once for the process: libtorch binds its hooks for CUDA, or that there are none, at the first operator
/// that asks for them, one of the CPU among them.
const NoCuda& load_cuda() {
  static const NoCuda failed = find_cuda();
  return failed;
}

/// The number behind a name in a file of /proc, in bytes.
uint64_t kibibytes(const char* file, const char* name) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(name)) return std::stoull(line.substr(std::string_view(name).size())) * 1024;
  return 0;
}

/// What the system calls available; without /proc, what nobody uses.
uint64_t available_memory() {
  if (const uint64_t available = kibibytes("/proc/meminfo", "MemAvailable:")) return available;
  struct sysinfo all{};
  return sysinfo(&all) == 0 ? uint64_t(all.freeram + all.bufferram) * all.mem_unit : 0;
}

/// Whether the driver shows a GPU, asked without loading libtorch_cuda.
bool gpu_present() {
  return access("/dev/nvidiactl", F_OK) == 0 || access("/dev/dxg", F_OK) == 0;
}

int cuda_devices() {
  try {
    return at::accelerator::getAccelerator() == c10::DeviceType::CUDA ? at::accelerator::deviceCount() : 0;
  } catch (const std::exception&) {
    return 0;
  }
}

at::Device place_device(const std::string& wanted, std::vector<std::string>& warnings) {
  const bool is_present = gpu_present();
  NoCuda failed = is_present ? load_cuda() : NoCuda{"no NVIDIA GPU or driver here; want device: cpu or auto"};
  if (wanted == "cpu" || (wanted == "auto" && !is_present)) return at::kCPU;
  const int count = failed.text.empty() ? cuda_devices() : 0;
  if (failed.text.empty() && count == 0) failed.text = "the driver shows no GPU that this libtorch can use";
  // the caching allocator, whose statistics are asked for before the first tensor is there
  if (failed.text.empty()) at::globalContext().lazyInitDevice(c10::DeviceType::CUDA);
  if (wanted == "auto") {
    if (failed.text.empty()) return {c10::DeviceType::CUDA, 0};
    warnings.push_back("device auto: a GPU is here but " + failed.text + "; using the CPU");
    return at::kCPU;
  }
  if (!failed.text.empty()) throw Error(failed.code, "device " + wanted + ": " + failed.text);
  const int index = wanted == "cuda" ? 0 : std::stoi(wanted.substr(5));
  if (index >= count)
    unavailable(
        "device " + wanted + ": " +
        (count == 1 ? "the only GPU here is cuda:0" : "the GPUs here are cuda:0 to cuda:" + std::to_string(count - 1)));
  return {c10::DeviceType::CUDA, c10::DeviceIndex(index)};
}

/// ATen takes bfloat16 on any CPU, but emulates it where the CPU has no instructions for it.
bool cpu_has_bfloat16() {
  return __builtin_cpu_supports("avx512bf16");
}

/// Below compute capability 8.0 cuDNN has no convolution in it, and tensor cores read float16 alone.
bool gpu_has_bfloat16(const at::Device& device) {
  const c10::DeviceGuard guard(device);
  return at::detail::getCUDAHooks().supportsBFloat16ConvolutionWithCuDNNv8();
}

bool has_bfloat16(const at::Device& device) {
  return device.is_cpu() ? cpu_has_bfloat16() : gpu_has_bfloat16(device);
}

at::ScalarType place_dtype(Dtype wanted, const at::Device& device, std::vector<std::string>& warnings) {
  if (wanted == Dtype::float32) return at::kFloat;
  const bool cpu = device.is_cpu();
  if (wanted == Dtype::automatic) return has_bfloat16(device) ? at::kBFloat16 : cpu ? at::kFloat : at::kHalf;
  if (!cpu && wanted == Dtype::bfloat16 && !has_bfloat16(device))
    warnings.push_back(
        "dtype bfloat16: " + name_of(device) +
        " is of a compute capability below 8.0, which has no convolutions in it; dtype: auto picks float16");
  if (cpu && wanted == Dtype::bfloat16 && !cpu_has_bfloat16())
    warnings.push_back(
        "dtype bfloat16: this CPU emulates it, 8 to 200 times slower than float32; dtype: auto picks the fast one");
  if (cpu && wanted == Dtype::float16)
    warnings.push_back(
        "dtype float16: CPUs emulate it, up to 100 times slower than float32; dtype: auto picks the fast one");
  return wanted == Dtype::bfloat16 ? at::kBFloat16 : at::kHalf;
}

}  // namespace

Placement choose_placement(const std::string& device, Dtype dtype) {
  Placement p;
  p.device = place_device(device, p.warnings);
  p.dtype = place_dtype(dtype, p.device, p.warnings);
  return p;
}

std::string name_of(const at::Device& device) {
  return device.str();
}

std::string name_of(at::ScalarType dtype) {
  return dtype == at::kBFloat16 ? "bfloat16" : dtype == at::kHalf ? "float16" : "float32";
}

int threads_for(int64_t parameters) {
  return parameters < 100'000'000 && !std::getenv("OMP_NUM_THREADS") ? 1 : at::get_num_threads();
}

uint64_t process_peak() {
  return kibibytes("/proc/self/status", "VmHWM:");
}

uint64_t resident_memory() {
  uint64_t all = 0, resident = 0;  // in pages
  return std::ifstream("/proc/self/statm") >> all >> resident ? resident * uint64_t(sysconf(_SC_PAGESIZE)) : 0;
}

namespace {

struct AllocatorStatistics {
  uint64_t allocated, reserved;
};
AllocatorStatistics allocator_statistics(const at::Device& device) {
  const auto all = at::accelerator::getDeviceStats(device.index());
  return {uint64_t(all.allocated_bytes[0].current), uint64_t(all.reserved_bytes[0].current)};
}

}  // namespace

TakenMemory taken_memory(const at::Device& device) {
  if (device.is_cpu()) return {resident_memory(), kibibytes("/proc/self/status", "RssAnon:")};
  const uint64_t allocated = allocator_statistics(device).allocated;
  return {allocated, allocated};
}

uint64_t free_memory(const at::Device& device) {
  if (!device.is_cpu()) {
    const auto [allocated, reserved] = allocator_statistics(device);
    return std::max<uint64_t>(device_memory(device).first + reserved - allocated,
                              1);  // what the allocator keeps for later serves as well
  }
  const uint64_t available = available_memory();
  const auto left = left_in_control_groups();
  return left ? std::max<uint64_t>(std::min(available ? available : *left, *left), 1)
              : available;  // 0 is that nobody knows
}

uint64_t device_peak(const at::Device& device) {
  if (device.is_cpu()) return 0;
  return uint64_t(at::accelerator::getDeviceStats(device.index()).allocated_bytes[0].peak);
}

void reset_peak(const at::Device& device) {
  if (!device.is_cpu()) at::accelerator::resetPeakStats(device.index());
}

Tf32::Tf32(bool allowed)
    : convolutions_(at::globalContext().allowTF32CuDNN()), products_(at::globalContext().allowTF32CuBLAS()) {
  at::globalContext().setAllowTF32CuDNN(allowed);
  at::globalContext().setAllowTF32CuBLAS(allowed);
}

Tf32::~Tf32() {
  at::globalContext().setAllowTF32CuDNN(convolutions_);
  at::globalContext().setAllowTF32CuBLAS(products_);
}

void synchronize(const at::Device& device) {
  if (!device.is_cpu()) at::accelerator::synchronizeDevice(device.index());
}

void release_cache(const at::Device& device) {
  if (!device.is_cpu()) at::accelerator::emptyCache();
}

std::pair<uint64_t, uint64_t> device_memory(const at::Device& device) {
  if (device.is_cpu()) return {0, 0};
  return at::accelerator::getMemoryInfo(device.index());
}

}  // namespace calotype
