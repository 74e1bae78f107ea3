#include "check/loaded_library.h"

#include <dlfcn.h>

#include <cerrno>
#include <cstring>
#include <new>

#include "check/child_process.h"

namespace calotype::check {

namespace {

/// A dynamic linker without memory is not the file's fault. (A segment that is too large is.)
[[noreturn]] void fail_to_open(const std::string& why) {
  const bool is_of_file = why.find("segment") != std::string::npos;
  if (!is_of_file && (why.ends_with(std::strerror(ENOMEM)) || why.find("out of memory") != std::string::npos))
    throw std::bad_alloc();
  throw Broken(why);
}

}  // namespace

Opened::Opened(const std::string& file, int tier) {
  now_calls("dlopen");
  handle_ = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | (tier == 2 ? RTLD_NODELETE : 0));
  if (!handle_) fail_to_open(dlerror());
}

Opened::~Opened() {
  now_calls("dlclose");
  dlclose(handle_);
}

const calotype_library_table* Opened::table() const {
  const auto function = reinterpret_cast<calotype_library_function>(dlsym(handle_, CALOTYPE_LIBRARY_SYMBOL));
  now_calls(CALOTYPE_LIBRARY_SYMBOL);
  return function ? function() : nullptr;
}

const void* Opened::implementation(const EntryInfo& entry) const {
  const auto* all = table();
  for (uint32_t i = 0; all && i < all->count; ++i)
    if (all->entries[i]->kind == uint32_t(entry.kind) && entry.id == all->entries[i]->id)
      return all->entries[i]->implementation;
  throw Broken("its table has no " + std::string(name_of(entry.kind)) + " \"" + entry.id + "\"");
}

}  // namespace calotype::check
