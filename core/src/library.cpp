#include "library.h"

#define BOOST_DLL_USE_STD_FS
#include <calotype/error.h>
#include <dlfcn.h>

#include <boost/dll/shared_library.hpp>

#include "border.h"

namespace calotype {

struct Libraries::Open {
  boost::dll::shared_library library;
  const calotype_library_table* table = nullptr;
};

namespace {

/// Code of libtorch may still point into a tier-2 library when the process ends: it is never unmapped.
boost::dll::load_mode::type mode_for(int tier) {
  using boost::dll::load_mode::type;
  return type::rtld_now | type::rtld_local | (tier == 2 ? type(RTLD_NODELETE) : type::default_mode);
}

}  // namespace

Libraries::Libraries() = default;
Libraries::~Libraries() = default;

const void* Libraries::implementation(const EntryInfo& entry) {
  const auto refuse = [&](const std::string& why) -> void { throw Error(ErrorCode::refused, entry.library + ": " + why); };
  auto& open = open_[entry.library];
  if (!open) {
    auto fresh = std::make_unique<Open>();
    boost::dll::fs::error_code failed;
    fresh->library.load(entry.library, mode_for(entry.tier), failed);
    if (failed) {
      const char* cause = dlerror();
      refuse("cannot be loaded: " + std::string(cause ? cause : failed.message()) + "; rebuild it, or install what it names");
    }
    if (!fresh->library.has(CALOTYPE_LIBRARY_SYMBOL)) refuse("exports no " CALOTYPE_LIBRARY_SYMBOL "; rebuild it with the macros of the SDK");
    fresh->table = in_plugin(entry, fresh->library.get<const calotype_library_table*()>(CALOTYPE_LIBRARY_SYMBOL));
    open = std::move(fresh);
  }
  for (uint32_t i = 0; i < open->table->count; ++i) {
    const calotype_entry& e = *open->table->entries[i];
    if (e.kind == uint32_t(entry.kind) && entry.id == e.id) return e.implementation;
  }
  refuse("its note offers the " + std::string(name_of(entry.kind)) + " \"" + entry.id + "\" but its table does not; rebuild it");
  return nullptr;
}

}  // namespace calotype
