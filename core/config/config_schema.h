#pragma once
#include <calotype/host/catalog.h>

#include "output/to_json.h"

namespace calotype {

/// The JSON Schema, draft 7, of a config that may name what the catalog holds: every key, and of each entry its
/// settings, with their docs, ranges and defaults. It refuses what is not known. What it cannot express is left to
/// `resolve`: what lies on the disk, how two values go together, and how a number is written (YAML reads 1_000 and 1.0
/// as integers; a config may not).
Json config_schema(const Catalog& catalog);

}  // namespace calotype
