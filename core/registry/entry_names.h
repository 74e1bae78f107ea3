#pragma once
#include <calotype/host/catalog.h>

#include <string>
#include <vector>

namespace calotype {

/// The names that choose this entry and no other: its id, then its aliases, each after its vendor where libraries share
/// it.
std::vector<std::string> names_of(const Catalog& catalog, const EntryInfo& entry);
/// The same after its vendor, which always works; none where no vendor is said.
std::vector<std::string> vendor_names_of(const Catalog& catalog, const EntryInfo& entry);

}  // namespace calotype
