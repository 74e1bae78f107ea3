#include "device.h"

#include <ATen/DeviceAccelerator.h>
#include <calotype/error.h>
#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace calotype {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void unavailable(const std::string& text) { throw Error(ErrorCode::unavailable, text); }

/// Loads libtorch_cuda from where libtorch_cpu is; its kernels register themselves. Returns why not, or "".
std::string load_cuda() {
  Dl_info info{};
  dladdr(reinterpret_cast<void*>(&at::accelerator::deviceCount), &info);
  const fs::path library = fs::path(info.dli_fname).parent_path() / "libtorch_cuda.so";
  if (!fs::exists(library)) return "this libtorch was built without CUDA; install one with it (CALOTYPE_CUDA=1 ./dev build)";
  if (dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL)) return "";
  const char* cause = dlerror();
  return "libtorch_cuda cannot be loaded: " + std::string(cause ? cause : "unknown cause") +
         "; install libtorch with its CUDA libraries (CALOTYPE_CUDA=1 ./dev build)";
}

/// The number behind a name in a file of /proc, in bytes.
uint64_t kibibytes(const char* file, const char* name) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(name)) return std::stoull(line.substr(std::string_view(name).size())) * 1024;
  return 0;
}

/// Whether the driver shows a GPU, asked without loading libtorch_cuda.
bool gpu_present() { return access("/dev/nvidiactl", F_OK) == 0 || access("/dev/dxg", F_OK) == 0; }

int cuda_devices() {
  try {
    return at::accelerator::getAccelerator() == c10::DeviceType::CUDA ? at::accelerator::deviceCount() : 0;
  } catch (const std::exception&) {
    return 0;
  }
}

at::Device place_device(const std::string& wanted, std::vector<std::string>& warnings) {
  if (wanted == "cpu" || (wanted == "auto" && !gpu_present())) return at::kCPU;
  std::string failed = gpu_present() ? load_cuda() : "no NVIDIA GPU or driver here; wanted device: cpu or auto";
  const int count = failed.empty() ? cuda_devices() : 0;
  if (failed.empty() && count == 0) failed = "the driver shows no GPU that this libtorch can use";
  if (wanted == "auto") {
    if (failed.empty()) return {c10::DeviceType::CUDA, 0};
    warnings.push_back("device auto: a GPU is here but " + failed + "; using the CPU");
    return at::kCPU;
  }
  if (!failed.empty()) unavailable("device " + wanted + ": " + failed);
  const int index = wanted == "cuda" ? 0 : std::stoi(wanted.substr(5));
  if (index >= count) unavailable("device " + wanted + ": wanted 0 to " + std::to_string(count - 1) + " for the GPUs here");
  return {c10::DeviceType::CUDA, c10::DeviceIndex(index)};
}

/// ATen takes bfloat16 on any CPU, but emulates it where the CPU has no instructions for it.
bool cpu_has_bfloat16() { return __builtin_cpu_supports("avx512bf16"); }

at::ScalarType place_dtype(const std::string& wanted, const at::Device& device, std::vector<std::string>& warnings) {
  if (wanted == "float32") return at::kFloat;
  const bool cpu = device.is_cpu();
  if (wanted == "auto") return !cpu || cpu_has_bfloat16() ? at::kBFloat16 : at::kFloat;
  if (cpu && wanted == "bfloat16" && !cpu_has_bfloat16())
    warnings.push_back("dtype bfloat16: this CPU emulates it, 8 to 200 times slower than float32; dtype: auto picks the fast one");
  if (cpu && wanted == "float16")
    warnings.push_back("dtype float16: CPUs emulate it, up to 100 times slower than float32; dtype: auto picks the fast one");
  return wanted == "bfloat16" ? at::kBFloat16 : at::kHalf;
}

}  // namespace

Placement place(const std::string& device, const std::string& dtype) {
  Placement p;
  p.device = place_device(device, p.warnings);
  p.dtype = place_dtype(dtype, p.device, p.warnings);
  return p;
}

std::string name_of(const at::Device& device) { return device.str(); }

std::string name_of(at::ScalarType dtype) {
  return dtype == at::kBFloat16 ? "bfloat16" : dtype == at::kHalf ? "float16" : "float32";
}

int threads_for(int64_t parameters, int all) { return parameters < 100'000'000 && !std::getenv("OMP_NUM_THREADS") ? 1 : all; }

uint64_t process_peak() { return kibibytes("/proc/self/status", "VmHWM:"); }

uint64_t resident_memory() { return kibibytes("/proc/self/status", "VmRSS:"); }

TakenMemory taken_memory(const at::Device& device) {
  if (device.is_cpu()) return {resident_memory(), kibibytes("/proc/self/status", "RssAnon:")};
  const auto [free, all] = device_memory(device);
  return {all - free, all - free};
}

uint64_t free_memory(const at::Device& device) {
  if (!device.is_cpu()) return device_memory(device).first;
  uint64_t limit = 0, used = 0;
  const uint64_t available = kibibytes("/proc/meminfo", "MemAvailable:");
  const bool limited = std::ifstream("/sys/fs/cgroup/memory.max") >> limit && std::ifstream("/sys/fs/cgroup/memory.current") >> used;
  if (!limited) return available;
  // what the group's files have cached goes when it is needed
  for (std::ifstream stat("/sys/fs/cgroup/memory.stat"); stat;) {
    std::string name;
    uint64_t bytes = 0;
    if (stat >> name >> bytes && name == "inactive_file") used -= std::min(used, bytes);
  }
  return std::min(available, limit - std::min(limit, used));
}

uint64_t device_peak(const at::Device& device) {
  if (device.is_cpu()) return 0;
  return uint64_t(at::accelerator::getDeviceStats(device.index()).allocated_bytes[0].peak);
}

void reset_peaks(const at::Device& device) {
  std::ofstream("/proc/self/clear_refs") << "5";  // proc(5): resets VmHWM
  if (!device.is_cpu()) at::accelerator::resetPeakStats(device.index());
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
