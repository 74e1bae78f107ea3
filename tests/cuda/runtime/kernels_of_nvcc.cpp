// Kernels that nvcc compiled, libtorch's own: they are known by name, and cannot be run.
#include <cxxabi.h>

#include <cstdlib>
#include <cstring>
#include <unordered_map>

#include "api.h"
#include "report.h"
#include "settings.h"
#include "streams.h"

struct CUkern_st {
  std::string name;
};

namespace stand_in {
namespace {

std::unordered_map<const void*, CUkern_st*>& kernels() {
  static auto& all = *new std::unordered_map<const void*, CUkern_st*>;
  return all;
}

struct Configuration {
  dim3 grid, block;
  size_t shared;
  cudaStream_t stream;
};
thread_local Configuration pushed;

std::string plain(const std::string& name) {
  int status = 0;
  char* text = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status);
  const std::string all = text ? text : name;
  std::free(text);
  return all.substr(0, 160);
}

/// Its results are missing from here on.
cudaError_t launch(const void* kernel, cudaStream_t stream) {
  const Locked locked(runtime_lock());
  const auto* known = static_cast<const CUkern_st*>(kernel);
  const std::string name = known ? plain(known->name) : "unknown";
  fault("a kernel of nvcc, which no operator of the stand-in takes the place of: " + name);
  enqueue(stream_of(stream), {kept_name(name), {}, [] {}});
  return cudaSuccess;
}

const CUkern_st* kernel_of(const void* host) {
  const Locked locked(runtime_lock());
  const auto it = kernels().find(host);
  return it == kernels().end() ? nullptr : it->second;
}

}  // namespace
}  // namespace stand_in

using namespace stand_in;

API void** __cudaRegisterFatBinary(void*) {
  static void* handle = nullptr;
  return &handle;
}
API void __cudaRegisterFatBinaryEnd(void**) {}
API void __cudaUnregisterFatBinary(void**) {}
API char __cudaInitModule(void**) {
  return 1;
}
API void __cudaRegisterVar(void**, char*, char*, const char*, int, size_t, int, int) {}
API void __cudaRegisterFunction(void**, const char* host, char*, const char* name, int, uint3*, uint3*, dim3*, dim3*,
                                int*) {
  const Locked locked(runtime_lock());
  kernels()[host] = new CUkern_st{name};
}
API unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared, CUstream_st* stream) {
  return pushed = {grid, block, shared, stream}, 0;
}
API cudaError_t __cudaPopCallConfiguration(dim3* grid, dim3* block, size_t* shared, void* stream) {
  *grid = pushed.grid, *block = pushed.block, *shared = pushed.shared,
  *static_cast<cudaStream_t*>(stream) = pushed.stream;
  return cudaSuccess;
}
API cudaError_t __cudaGetKernel(cudaKernel_t* kernel, const void* host) {
  *kernel = reinterpret_cast<cudaKernel_t>(const_cast<CUkern_st*>(kernel_of(host)));
  return cudaSuccess;
}
API cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3, dim3, void**, size_t, cudaStream_t stream) {
  return launch(kernel, stream);
}
API cudaError_t cudaLaunchKernel(const void* host, dim3, dim3, void**, size_t, cudaStream_t stream) {
  return launch(kernel_of(host), stream);
}
API cudaError_t cudaLaunchCooperativeKernel(const void* host, dim3, dim3, void**, size_t, cudaStream_t stream) {
  return launch(kernel_of(host), stream);
}
API cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t* launched, const void* host, void**) {
  return launch(kernel_of(host), launched->stream);
}
API cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void*) {
  *attributes = {};
  attributes->maxThreadsPerBlock = 1024, attributes->numRegs = 32, attributes->binaryVersion = settings().capability;
  return cudaSuccess;
}
API cudaError_t cudaFuncSetAttribute(const void*, cudaFuncAttribute, int) {
  return cudaSuccess;
}
API cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* count, const void*, int, size_t) {
  return *count = 2, cudaSuccess;
}
API cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* count, const void*, int, size_t, unsigned) {
  return *count = 2, cudaSuccess;
}
API cudaError_t cudaMemcpyToSymbol(const void*, const void*, size_t, size_t, cudaMemcpyKind) {
  return cudaSuccess;
}
API cudaError_t cudaGetSymbolAddress(void** address, const void*) {
  return *address = nullptr, cudaSuccess;
}
