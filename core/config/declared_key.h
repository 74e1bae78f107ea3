#pragma once
#include <string>
#include <vector>

#include "config/key.h"

namespace calotype {

/// The key that a loader or pipeline declares; its member is in Request::options.
Key declared_key(const SettingInfo& declared);

/// Gives each of these keys that has a default and was not given its default.
void complete_options(const std::vector<Key>& keys, Request& request);

}  // namespace calotype
