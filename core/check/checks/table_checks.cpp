// The table that calotype_library returns, and whether it agrees with the manifests.
#include <algorithm>

#include "check/check.h"
#include "check/loaded_library.h"
#include "registry/manifest.h"

namespace calotype::check {
namespace {

bool is_same(const calotype_entry& a, const EntryInfo& b) {
  return a.kind == uint32_t(b.kind) && b.id == a.id;
}

void exports_the_table(const Subject& s) {
  if (!Opened(s).table())
    throw Broken("want the symbol " CALOTYPE_LIBRARY_SYMBOL
                 " and the table that it returns, got none; use the macros of the SDK");
}

void table_is_whole(const Subject& s) {
  const Opened opened(s);
  const auto* table = opened.table();
  if (table->size < sizeof *table)
    throw Broken("want a table of " + std::to_string(sizeof *table) + " bytes or more, got " +
                 std::to_string(table->size));
  for (uint32_t i = 0; i < table->count; ++i) {
    const auto* e = table->entries[i];
    if (!e) throw Broken("entry " + std::to_string(i) + " is null");
    if (e->size < sizeof *e)
      throw Broken("entry " + std::to_string(i) + ": want " + std::to_string(sizeof *e) + " bytes or more, got " +
                   std::to_string(e->size));
    if (!e->id || !*e->id) throw Broken("entry " + std::to_string(i) + " has no id");
    if (!e->implementation) throw Broken("entry " + std::to_string(i) + ", \"" + e->id + "\", has no implementation");
  }
}

void table_has_the_notes(const Subject& s) {
  const Opened opened(s);
  for (const auto& e : s.entries) opened.implementation(e);
}

void notes_have_the_table(const Subject& s) {
  const Opened opened(s);
  const auto* table = opened.table();
  for (uint32_t i = 0; i < table->count; ++i)
    if (std::none_of(s.entries.begin(), s.entries.end(), [&](const auto& e) { return is_same(*table->entries[i], e); }))
      throw Broken(std::string("its table has \"") + table->entries[i]->id + "\", which no manifest declares");
}

void table_stays(const Subject& s) {
  const Opened opened(s);
  const auto* first = opened.table();
  for (int i = 0; i < 10; ++i)
    if (opened.table() != first) throw Broken("calotype_library returned another table when it was called again");
}

void notes_ask_for_no_more(const Subject& s) {
  const Opened opened(s);
  for (const auto& manifest : manifest_texts(s.file))
    if (manifest.abi > opened.table()->abi)
      throw Broken("interface: its manifests require version " + std::to_string(manifest.abi) +
                   ", its table declares " + std::to_string(opened.table()->abi));
}

/// The size that the contract requires of an implementation of tier 1.
void implementations_are_whole(const Subject& s) {
  const Opened opened(s);
  for (const auto& e : s.entries) {
    const uint32_t wanted = e.kind == Kind::scheduler ? sizeof(calotype_scheduler) : sizeof(calotype_sampler);
    const uint32_t found = *static_cast<const uint32_t*>(opened.implementation(e));
    if (found < wanted)
      throw Broken(std::string(name_of(e.kind)) + " \"" + e.id + "\": want a size of " + std::to_string(wanted) +
                   " or more, got " + std::to_string(found));
  }
}

}  // namespace

const std::vector<Check>& table_checks() {
  using enum About;
  static const std::vector<Check> all{
      {"exports-the-table", "it exports its table as calotype_library", library, exports_the_table, "opens"},
      {"table-is-whole", "every entry of its table has a size, an id and an implementation", library, table_is_whole,
       "exports-the-table"},
      {"table-has-the-notes", "its table has every entry of its manifests", library, table_has_the_notes,
       "table-is-whole"},
      {"notes-have-the-table", "its manifests have every entry of its table", library, notes_have_the_table, kLoaded},
      {"table-stays", "every call returns the same table", library, table_stays, kLoaded},
      {"notes-ask-for-no-more", "its manifests require no later interface than its table declares", library,
       notes_ask_for_no_more, kLoaded},
      {"implementations-are-whole", "its implementations have the size that the contract requires", library,
       implementations_are_whole, kLoaded, true}};
  return all;
}

}  // namespace calotype::check
