#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace calotype {

/// What Hugging Face calls a model: org/name, org/name@revision, or org/name/file of it.
struct HubId {
  std::string repository;  ///< "org/name"
  std::string revision;    ///< branch, tag or commit; "": main
  std::string file;        ///< within it; "": none is named
};
/// Nothing where `text` cannot be an id.
std::optional<HubId> parse_hub_id(std::string_view text);

/// "models--org--name" -> "org/name"; "" for another name.
std::string hub_repository(const std::string& folder_name);

/// A revision of a repository in the cache: a branch or tag, or a commit that none names, and the folder of its files.
struct HubSnapshot {
  std::string revision, path;
};

/// The snapshot that `revision` names: a branch or tag in refs/, or a commit. "": main, or the only one. Nothing where
/// it is not there.
std::optional<HubSnapshot> find_snapshot(const std::string& repository_folder, const std::string& revision);
/// main alone, or without it all snapshots.
std::vector<HubSnapshot> usual_snapshots(const std::string& repository_folder);

/// The folder of a repository: HUB/models--org--name.
std::string repository_folder(const std::string& hub, const std::string& repository);

/// "hf download org/name --revision x": what brings it here.
std::string download_command(const HubId& id);

}  // namespace calotype
