#pragma once
#include <map>
#include <memory>
#include <string>

#include <calotype/abi.h>
#include <calotype/host/entry.h>

namespace calotype {

/// Shared libraries, each opened when an entry of it is first needed. Tier 1 is unmapped when this object goes; tier 2 uses
/// libtorch and stays until the process ends. One thread at a time.
class Libraries {
 public:
  Libraries();
  ~Libraries();
  /// The implementation behind an entry: a calotype_scheduler, a calotype_sampler, or the factory of a C++ interface.
  /// Throws Error (refused): what, found, needed, fix.
  const void* implementation(const EntryInfo& entry);

 private:
  struct Open;
  std::map<std::string, std::unique_ptr<Open>> open_;
};

}  // namespace calotype
