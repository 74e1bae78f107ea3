#pragma once
#include <string>

namespace calotype {

/// Throws Refused where a user other than this one and root may change a plugin, by the rule that OpenSSH has for keys
/// (StrictModes): the file, the folder that was searched, and all folders above them belong to this user or root, and
/// neither a group nor everyone may write to them. In a folder like /tmp, where each may replace their own files alone,
/// what lies there decides.
void check_owners(const std::string& library, const std::string& folder);

/// The same of what came with the host: whoever owns the host may change it anyhow, so file and folder may belong to
/// them too, and to a group with which they share it.
void check_own_owners(const std::string& library, const std::string& folder);

/// Throws Error (refused) where a user other than this one and root owns the file plugins.lock, or everyone may write
/// to it.
void check_lock_owners(const std::string& lock);

}  // namespace calotype
