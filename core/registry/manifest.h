#pragma once
#include <calotype/host/catalog.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace calotype {

/// The manifests of a library, read from its ELF notes in the file. Nothing of it is mapped executable, and none of its
/// code runs.
struct LibraryManifests {
  std::vector<EntryInfo> entries;
  std::optional<Refusal> refusal;  ///< why the host will not load the library; then there are no entries
};

/// Never throws because of the contents of the file: a file that cannot be read or trusted has a refusal.
LibraryManifests read_manifests(const std::string& path);

/// One note as it is in the file.
struct ManifestText {
  uint32_t tier, abi;
  std::string json;
};
/// Throws Error (refused).
std::vector<ManifestText> manifest_texts(const std::string& path);

/// The build for which tier-2 entries must be made, by field: the host's own.
std::map<std::string, std::string> host_build();

}  // namespace calotype
