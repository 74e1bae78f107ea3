#include "networks/files/shipped_file.h"

#include <calotype/file_kind.h>
#include <dlfcn.h>
#include <link.h>

#include <filesystem>

namespace calotype::networks {
namespace {

namespace fs = std::filesystem;

fs::path beside_this_code() {
  Dl_info info{};
  dladdr(reinterpret_cast<const void*>(&beside_this_code), &info);
  return fs::path(info.dli_fname).parent_path();
}

/// By the engine, which a host loads before any model. Empty where none is loaded.
fs::path plugins_of_the_host() {
  fs::path found;
  const auto visit = [](dl_phdr_info* info, size_t, void* out) {
    const fs::path library = info->dlpi_name;
    if (library.filename() != "libcalotype_engine.so") return 0;
    *static_cast<fs::path*>(out) = library.parent_path() / "plugins";
    return 1;
  };
  dl_iterate_phdr(visit, &found);
  return found;
}

}  // namespace

std::string shipped_file(const std::string& name) {
  const fs::path own = beside_this_code() / "networks" / name;
  if (is_there(own)) return own;
  const fs::path host = plugins_of_the_host();
  return host.empty() ? own : host / "networks" / name;
}

}  // namespace calotype::networks
