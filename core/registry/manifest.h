#pragma once
#include <calotype/host/catalog.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace calotype {

/// What a library's ELF notes say, read from the file: nothing of it is mapped executable, none of its code runs.
struct LibraryManifests {
  std::vector<EntryInfo> entries;
  std::optional<Refusal> refusal;  ///< why the library will not be loaded; then there are no entries
};

/// Never throws for what is in the file: a file that cannot be read or trusted has its refusal.
LibraryManifests read_manifests(const std::string& path);

/// One note as it stands in the file.
struct NoteText {
  uint32_t tier, abi;
  std::string json;
};
/// Throws Error (refused).
std::vector<NoteText> note_texts(const std::string& path);

/// What tier-2 entries must have been built for, by name: the host's own build.
std::map<std::string, std::string> host_build();

}  // namespace calotype
