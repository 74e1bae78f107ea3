#include "loading/library.h"

#define BOOST_DLL_USE_STD_FS
#include <calotype/abi.h>
#include <calotype/loading_memory.h>
#include <dlfcn.h>
#include <link.h>

#include <boost/dll/shared_library.hpp>
#include <cstddef>
#include <filesystem>
#include <optional>

#include "base/error_boundary.h"
#include "base/file.h"
#include "loading/plugin_threads.h"
#include "registry/pinned_copy.h"
#include "registry/refusal.h"

namespace calotype {

struct Libraries::Open {
  boost::dll::shared_library library;
  const calotype_library_table* table = nullptr;
};

namespace {

/// A thread that a plugin leaves behind would run in memory that is gone. So would an ending thread of the host that
/// runs the plugin's thread-local destructors.
bool leaves_code_behind(const std::string& path) {
  const std::string file = read_file(path, size_t(1) << 30);
  for (const char* function : {"pthread_create", "thrd_create", "_ZNSt6thread15_M_start_thread", "GOMP_parallel",
                               "__kmpc_fork_call", "pthread_key_create", "tss_create"})
    if (file.find(function) != std::string::npos) return true;
  return false;
}

/// libtorch's code may still point into a tier-2 library when the process ends.
bool must_stay(const EntryInfo& entry) {
  return entry.tier == 2 || leaves_code_behind(entry.library);
}

boost::dll::load_mode::type mode(bool stays) {
  using boost::dll::load_mode::type;
  return type::rtld_now | type::rtld_local | (stays ? type(RTLD_NODELETE) : type::default_mode);
}

bool is_mapped(const std::string& name) {
  void* library = dlopen(name.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  if (library) dlclose(library);
  return library;
}

/// As above, without opening another file that may have this name now.
bool is_mapped_as(const std::string& name) {
  const auto is_it = [](dl_phdr_info* library, size_t, void* wanted) -> int {
    return *static_cast<const std::string*>(wanted) == library->dlpi_name;
  };
  return dl_iterate_phdr(is_it, const_cast<std::string*>(&name)) != 0;
}

/// Whether stamps belong to one file, whose owner, mode or names may have changed between them.
bool is_same_file(const std::string& a, const std::string& b) {
  return without_change_time(a) == without_change_time(b);
}

[[noreturn]] void refuse_another() {
  refuse("replaced", "replaced while it is loaded", "a newer file", "the one that is loaded",
         "start the program again: libraries of tier 2 stay until the process ends");
}

/// The name by which to open a library. The dynamic linker first compares names with what is mapped, so it would return
/// the old code for a new file of the same name. While the old file is mapped, the new one is therefore called
/// "folder/./x.so".
std::string name_for(const EntryInfo& entry) {
  static auto& stamps = *new std::map<std::string, std::string>;  // the file of each name, in the whole process
  std::string name = std::filesystem::absolute(entry.library);
  const size_t folder = name.rfind('/');
  for (;; name.insert(folder, "/.")) {
    std::string& stamp = stamps[name];
    if (!stamp.empty() && !is_same_file(stamp, entry.stamp) && is_mapped(name)) {
      if (entry.tier == 1) continue;
      refuse_another();
    }
    stamp = entry.stamp;
    return name;
  }
}

/// The name for a copy in memory: that of a mapped copy with the same bytes, else a new one. (Descriptor numbers are
/// reused, but what was loaded by one stays.)
std::string name_for(const PinnedCopy& copy, const EntryInfo& entry) {
  static auto& names = *new std::map<std::string, std::string>;   // by sum, in the whole process
  static auto& tier_2 = *new std::map<std::string, std::string>;  // sums, by file
  const std::string& sum = entry.pinned;
  if (entry.tier == 2 && tier_2.try_emplace(entry.library, sum).first->second != sum) refuse_another();
  if (const auto known = names.find(sum); known != names.end() && is_mapped_as(known->second)) return known->second;
  std::string name = copy.path();
  for (const size_t folder = name.rfind('/'); is_mapped_as(name);) name.insert(folder, "/.");
  std::erase_if(names, [&](const auto& other) { return other.second == name; });
  return names[sum] = name;
}

void check_stamp(const EntryInfo& entry) {
  const std::string stamp = stamp_of(entry.library);
  if (stamp != entry.stamp)
    refuse("replaced", "not the file whose manifest was read", stamp.empty() ? "no file" : "another file in its place",
           "the one that was checked", "read the config again");
}

void check_size(const char* what, uint32_t found, size_t needed) {
  if (found < needed)
    refuse("wrong_size", std::string(what) + " has a wrong size", std::to_string(found) + " bytes",
           "at least " + std::to_string(needed), kRebuild);
}

boost::dll::shared_library open_library(const EntryInfo& entry, bool stays) {
  static std::mutex one_at_a_time;  // the choice of a name depends on what is mapped
  const std::lock_guard lock(one_at_a_time);
  check_stamp(entry);
  boost::dll::shared_library library;
  boost::dll::fs::error_code failed;
  std::optional<PinnedCopy> copy;
  if (!entry.pinned.empty()) copy.emplace(entry);
  library.load(copy ? name_for(*copy, entry) : name_for(entry), mode(stays || must_stay(entry)), failed);
  if (failed) {
    const char* cause = dlerror();
    const std::string found = cause ? cause : failed.message();
    if (lacked_memory(found))
      throw Error(ErrorCode::out_of_memory, entry.library + ": cannot be loaded: " + found + kMoreMemory);
    refuse("not_loadable", "cannot be loaded", found, "a library that the dynamic linker takes",
           "rebuild it, or install what it names");
  }
  if (!library.has(CALOTYPE_LIBRARY_SYMBOL))
    refuse("no_table", "has no table", "none", "the symbol " CALOTYPE_LIBRARY_SYMBOL ", exported",
           "rebuild it with the macros of the SDK");
  return library;
}

/// Refuses a table with a null that the contract does not allow.
void check_there(bool is_there, const std::string& what) {
  if (!is_there)
    refuse("damaged_table", "its table is damaged", "null for " + what,
           "entries with an id, an implementation and its function", kRebuild);
}

/// Refuses a scheduler or sampler whose size does not cover its function, or whose function is null.
template <class T, class Function>
void check_function(const std::string& which, const T& implementation, Function T::* function) {
  const auto* end = reinterpret_cast<const char*>(&(implementation.*function) + 1);
  check_size("the implementation of an entry", implementation.size,
             size_t(end - reinterpret_cast<const char*>(&implementation)));
  check_there(implementation.*function, "the function of " + which);
}

const calotype_library_table* table_of(const EntryInfo& entry, const boost::dll::shared_library& library) {
  const auto* table = in_plugin(entry, library.get<const calotype_library_table*()>(CALOTYPE_LIBRARY_SYMBOL));
  check_there(table, "the table");
  check_size("its table", table->size, offsetof(calotype_library_table, entries) + sizeof table->entries);
  if (table->count) check_there(table->entries, "its entries");
  for (uint32_t i = 0; i < table->count; ++i) {
    const calotype_entry* const e = table->entries[i];
    const std::string which = "entry " + std::to_string(i);
    check_there(e, which);
    check_size("an entry of its table", e->size, offsetof(calotype_entry, implementation) + sizeof e->implementation);
    check_there(e->id, "the id of " + which);
    check_there(e->implementation, "the implementation of " + which);
    if (e->kind == CALOTYPE_SCHEDULER)
      check_function(which, *static_cast<const calotype_scheduler*>(e->implementation), &calotype_scheduler::sigmas);
    if (e->kind == CALOTYPE_SAMPLER)
      check_function(which, *static_cast<const calotype_sampler*>(e->implementation), &calotype_sampler::sample);
  }
  return table;
}

}  // namespace

Libraries::Libraries(bool keep_loaded) : keep_loaded_(keep_loaded) {}
Libraries::~Libraries() = default;

const Libraries::Open& Libraries::open(const EntryInfo& entry) {
  const std::lock_guard lock(mutex_);
  auto& open = open_[{entry.library, entry.stamp}];
  if (!open) {
    auto fresh = std::make_unique<Open>(Open{open_library(entry, keep_loaded_)});
    fresh->table = table_of(entry, fresh->library);
    open = std::move(fresh);
  }
  return *open;
}

const void* Libraries::implementation(const EntryInfo& entry) try {
  check_thread(entry);
  const Open& library = open(entry);
  for (uint32_t i = 0; i < library.table->count; ++i) {
    const calotype_entry& e = *library.table->entries[i];
    if (e.kind == uint32_t(entry.kind) && entry.id == e.id) return e.implementation;
  }
  const std::string name = std::string(name_of(entry.kind)) + " \"" + entry.id + "\"";
  refuse("table_mismatch", "its manifest and its table differ", name + " in the manifest alone", name + " in both",
         kRebuild);
} catch (const Refused& e) {
  throw Error(ErrorCode::refused, entry.library + ": " + e.what());
}

}  // namespace calotype
