#pragma once
#include <string>

namespace calotype {

/// Throws Refused if a user other than this one and root may change a plugin, by OpenSSH's rule for keys (StrictModes):
/// the file, the searched folder and all folders above belong to this user or root, and neither a group nor everyone
/// may write to them. In a folder such as /tmp, where users can replace only their own files, what is in it decides.
void check_owners(const std::string& library, const std::string& folder);

/// As above, for what is installed with the host. The host's owner may change it anyway, so file and folder may also
/// belong to that user, and to a group that shares it.
void check_own_owners(const std::string& library, const std::string& folder);

/// Throws Error (refused) if a user other than this one and root owns plugins.lock, or everyone may write to it.
void check_lock_owners(const std::string& lock);

}  // namespace calotype
