#pragma once
#include <calotype/host/catalog.h>

#include <string>
#include <string_view>

namespace calotype {

/// The hint for the name of a scheduler or sampler as another program shows it, in another spelling or with both in
/// one: "DPM++ 2M Karras".
std::string hint_for_entry(const Catalog& catalog, Kind kind, std::string_view name);

}  // namespace calotype
