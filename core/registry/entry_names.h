#pragma once
#include <calotype/host/catalog.h>

#include <string>
#include <vector>

namespace calotype {

/// The names that choose only this entry: its id, then its aliases, each with its vendor if several libraries have the
/// name.
std::vector<std::string> names_of(const Catalog& catalog, const EntryInfo& entry);
/// The same names with the vendor, which always work; empty if no vendor is declared.
std::vector<std::string> vendor_names_of(const Catalog& catalog, const EntryInfo& entry);

}  // namespace calotype
