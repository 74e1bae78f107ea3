#pragma once
#include <calotype/host/catalog.h>

#include <string>
#include <string_view>

namespace calotype {

/// What is wanted here instead of the name of a scheduler or sampler as another program shows it, with both in one or
/// with other spelling:
/// "DPM++ 2M Karras".
std::string hint_for_entry(const Catalog& catalog, Kind kind, std::string_view name);

}  // namespace calotype
