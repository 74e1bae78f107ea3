#include "library.h"

#define BOOST_DLL_USE_STD_FS
#include <calotype/abi.h>
#include <dlfcn.h>

#include <boost/dll/shared_library.hpp>
#include <cstddef>

#include "border.h"
#include "refusal.h"

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

void check_size(const char* what, uint32_t found, size_t needed) {
  if (found < needed)
    refuse("wrong_size", std::string(what) + " has a wrong size", std::to_string(found) + " bytes", "at least " + std::to_string(needed), kRebuild);
}

boost::dll::shared_library open_library(const EntryInfo& entry) {
  boost::dll::shared_library library;
  boost::dll::fs::error_code failed;
  library.load(entry.library, mode_for(entry.tier), failed);
  if (failed) {
    const char* cause = dlerror();
    refuse("not_loadable", "cannot be loaded", cause ? cause : failed.message(), "a library that the dynamic linker takes",
           "rebuild it, or install what it names");
  }
  if (!library.has(CALOTYPE_LIBRARY_SYMBOL))
    refuse("no_table", "has no table", "no symbol " CALOTYPE_LIBRARY_SYMBOL, "that symbol, exported", "rebuild it with the macros of the SDK");
  return library;
}

const calotype_library_table* table_of(const EntryInfo& entry, const boost::dll::shared_library& library) {
  const auto* table = in_plugin(entry, library.get<const calotype_library_table*()>(CALOTYPE_LIBRARY_SYMBOL));
  check_size("its table", table ? table->size : 0, offsetof(calotype_library_table, entries) + sizeof table->entries);
  for (uint32_t i = 0; i < table->count; ++i)
    check_size("an entry of its table", table->entries[i]->size, offsetof(calotype_entry, implementation) + sizeof(void*));
  return table;
}

}  // namespace

Libraries::Libraries() = default;
Libraries::~Libraries() = default;

const void* Libraries::implementation(const EntryInfo& entry) try {
  auto& open = open_[entry.library];
  if (!open) {
    auto fresh = std::make_unique<Open>(Open{open_library(entry)});
    fresh->table = table_of(entry, fresh->library);
    open = std::move(fresh);
  }
  for (uint32_t i = 0; i < open->table->count; ++i) {
    const calotype_entry& e = *open->table->entries[i];
    if (e.kind == uint32_t(entry.kind) && entry.id == e.id) return e.implementation;
  }
  const std::string name = std::string(name_of(entry.kind)) + " \"" + entry.id + "\"";
  refuse("table_mismatch", "its note and its table differ", name + " in the note alone", name + " in both", kRebuild);
} catch (const Refused& e) {
  throw Error(ErrorCode::refused, entry.library + ": " + e.what());
}

}  // namespace calotype
