#pragma once
#include <calotype/host/catalog.h>

#include <vector>

#include "config/key.h"

namespace calotype {

/// The key that a loader or pipeline declares; its member is in Request::options.
Key declared_key(const SettingInfo& declared);

/// The common keys and those that these loaders and pipelines declare, each after the one that it names. Of two of one
/// name the first counts.
std::vector<Key> keys_with(const std::vector<const EntryInfo*>& entries);
/// The keys that a config with this loader and this pipeline takes.
std::vector<Key> keys_of(const ResolvedConfig& config);
/// The keys that a config takes with one loader and pipeline or another.
std::vector<Key> keys_of(const Catalog& catalog);

/// Gives each of these keys that has a default and was not given its default.
void complete_options(const std::vector<Key>& keys, Request& request);

}  // namespace calotype
