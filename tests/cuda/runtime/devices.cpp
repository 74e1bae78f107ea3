// What is asked of the devices, and errors.
#include <cstdio>
#include <cstring>
#include <utility>

#include "api.h"
#include "report.h"
#include "settings.h"
#include "streams.h"

namespace stand_in {
namespace {

constexpr int kVersion = 13000, kMultiprocessors = 132, kSharedOptIn = 227 << 10;
thread_local int device = 0;
thread_local cudaError_t last = cudaSuccess;

}  // namespace

cudaError_t set_error(cudaError_t error) {
  return last = error;
}
int current_device() {
  return device;
}

}  // namespace stand_in

using namespace stand_in;

API cudaError_t cudaGetDeviceCount(int* count) {
  return *count = settings().devices, cudaSuccess;
}
API cudaError_t cudaGetDevice(int* current) {
  return *current = device, cudaSuccess;
}
API cudaError_t cudaSetDevice(int wanted) {
  if (wanted < 0 || wanted >= settings().devices) return set_error(cudaErrorInvalidDevice);
  return device = wanted, cudaSuccess;
}
API cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int) {
  switch (attribute) {
    case cudaDevAttrComputeCapabilityMajor:
      *value = settings().capability / 10;
      break;
    case cudaDevAttrComputeCapabilityMinor:
      *value = settings().capability % 10;
      break;
    case cudaDevAttrMultiProcessorCount:
      *value = kMultiprocessors;
      break;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      *value = kSharedOptIn;
      break;
    default:
      *value = 0;
  }
  return cudaSuccess;
}
API cudaError_t cudaGetDeviceProperties(cudaDeviceProp* all, int) {
  *all = {};
  std::strcpy(all->name, "stand-in for a GPU");
  all->major = settings().capability / 10, all->minor = settings().capability % 10;
  all->totalGlobalMem = settings().memory, all->unifiedAddressing = 1;
  all->multiProcessorCount = kMultiprocessors, all->warpSize = 32,
  all->regsPerBlock = all->regsPerMultiprocessor = 65536;
  all->sharedMemPerBlock = 48 << 10, all->sharedMemPerBlockOptin = kSharedOptIn,
  all->sharedMemPerMultiprocessor = 228 << 10;
  all->maxThreadsPerBlock = 1024, all->maxThreadsPerMultiProcessor = 2048, all->textureAlignment = 512,
  all->l2CacheSize = 60 << 20;
  all->maxThreadsDim[0] = all->maxThreadsDim[1] = 1024, all->maxThreadsDim[2] = 64;
  all->maxGridSize[0] = 2147483647, all->maxGridSize[1] = all->maxGridSize[2] = 65535;
  return cudaSuccess;
}
API cudaError_t cudaDeviceGetPCIBusId(char* text, int size, int number) {
  std::snprintf(text, size_t(size), "0000:%02x:00.0", unsigned(number));
  return cudaSuccess;
}
API cudaError_t cudaDeviceCanAccessPeer(int* can, int, int) {
  return *can = 0, cudaSuccess;
}
API cudaError_t cudaDeviceEnablePeerAccess(int, unsigned) {
  return cudaSuccess;
}
API cudaError_t cudaDriverGetVersion(int* version) {
  return *version = kVersion, cudaSuccess;
}
API cudaError_t cudaRuntimeGetVersion(int* version) {
  return *version = kVersion, cudaSuccess;
}

API cudaError_t cudaGetLastError() {
  return std::exchange(last, cudaSuccess);
}
API cudaError_t cudaPeekAtLastError() {
  return last;
}
API const char* cudaGetErrorName(cudaError_t error) {
  return error == cudaSuccess                 ? "cudaSuccess"
         : error == cudaErrorMemoryAllocation ? "cudaErrorMemoryAllocation"
                                              : "cudaErrorOther";
}
API const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "no error";
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorInvalidConfiguration:
      return "invalid configuration argument";
    case cudaErrorStreamCaptureUnsupported:
      return "operation not permitted when stream is capturing";
    case cudaErrorStreamCaptureInvalidated:
      return "operation failed due to a previous error during capture";
    default: {
      static thread_local char text[64];
      std::snprintf(text, sizeof text, "error %d of the stand-in for CUDA", int(error));
      return text;
    }
  }
}
