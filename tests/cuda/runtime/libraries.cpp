// What the empty libraries in the place of cuBLAS, cuDNN and the others say of each call.
#include <dlfcn.h>

#include <set>
#include <string>

#include "api.h"
#include "report.h"
#include "streams.h"

namespace stand_in {
namespace {

Range& workspace() {
  static Range last{};
  return last;
}

/// They take memory of the device, and wait for it.
bool takes_memory(const std::string& call) {
  static const auto& all =
      *new std::set<std::string>{"cublasCreate_v2", "cublasLtCreate", "cudnnCreate", "cusparseCreate"};
  return all.count(call);
}

}  // namespace

Range cublas_workspace() {
  const Locked locked(runtime_lock());
  return workspace();
}

}  // namespace stand_in

using namespace stand_in;

API void stand_in_library_call(const char* name) {
  const Locked locked(runtime_lock());
  count(std::string("empty library: ") + name);
  log(std::string("empty library: ") + name);
  if (takes_memory(name) && is_unsafe_now()) refuse(name);
}
API void stand_in_cublas_workspace(void* data, size_t size) {
  const Locked locked(runtime_lock());
  workspace() = {data, size, true};
}

// Functions of the driver that libtorch asks for by name.
API cudaError_t cudaGetDriverEntryPointByVersion(const char* name, void** function, unsigned, unsigned long long,
                                                 cudaDriverEntryPointQueryResult* result) {
  const Locked locked(runtime_lock());
  static void* driver = dlopen("libcuda.so.1", RTLD_NOW);
  static const auto nothing = +[] { return 0; };
  void* found = driver ? dlsym(driver, name) : nullptr;
  *function = found ? found : reinterpret_cast<void*>(nothing);
  count(std::string("driver: ") + name);
  if (result) *result = cudaDriverEntryPointSuccess;
  return cudaSuccess;
}
