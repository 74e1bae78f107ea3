#include "registry/entry_names.h"

namespace calotype {
namespace {

std::vector<std::string> own_names(const EntryInfo& entry) {
  std::vector<std::string> out{entry.id};
  out.insert(out.end(), entry.aliases.begin(), entry.aliases.end());
  return out;
}

bool is_unique(const Catalog& catalog, const EntryInfo& entry, const std::string& name) {
  return catalog.find(entry.kind, name).size() == 1;
}

}  // namespace

std::vector<std::string> names_of(const Catalog& catalog, const EntryInfo& entry) {
  std::vector<std::string> out;
  for (const auto& name : own_names(entry)) {
    const std::string full = entry.vendor + "/" + name;
    if (is_unique(catalog, entry, name))
      out.push_back(name);
    else if (is_unique(catalog, entry, full))
      out.push_back(full);
  }
  return out;
}

std::vector<std::string> vendor_names_of(const Catalog& catalog, const EntryInfo& entry) {
  std::vector<std::string> out;
  if (entry.vendor.empty()) return out;
  for (const auto& name : own_names(entry))
    if (const std::string full = entry.vendor + "/" + name; is_unique(catalog, entry, full)) out.push_back(full);
  return out;
}

}  // namespace calotype
