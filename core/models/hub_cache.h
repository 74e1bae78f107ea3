#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace calotype {

/// A Hugging Face id: org/name, org/name@revision, or org/name/file.
struct HubId {
  std::string repository;  ///< "org/name"
  std::string revision;    ///< branch, tag or commit; "": main
  std::string file;        ///< path within it; "": none
};
/// Nothing if `text` cannot be an id.
std::optional<HubId> parse_hub_id(std::string_view text);

/// "models--org--name" -> "org/name"; "" for another name.
std::string hub_repository(const std::string& folder_name);

/// A revision of a repository in the cache: a branch or tag, or a commit without either; and the folder of its files.
struct HubSnapshot {
  std::string revision, path;
};

/// The snapshot of `revision`: a branch or tag in refs/, or a commit. "": main, or the only one. Nothing if it is not
/// in the cache.
std::optional<HubSnapshot> find_snapshot(const std::string& repository_folder, const std::string& revision);
/// main only; all snapshots if there is no main.
std::vector<HubSnapshot> usual_snapshots(const std::string& repository_folder);

/// The folder of a repository: HUB/models--org--name.
std::string repository_folder(const std::string& hub, const std::string& repository);

/// The command that downloads it: "hf download org/name --revision x".
std::string download_command(const HubId& id);

}  // namespace calotype
