#include "models/hub_cache.h"

#include <calotype/error.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/folder_entries.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kPrefix = "models--";

/// Whether a word stays in its folder as part of a path.
bool is_word(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  return !text.empty() && text.front() != '.' && text.find("..") == text.npos &&
         std::all_of(text.begin(), text.end(), fits);
}

bool are_words(std::string_view path) {
  for (size_t at = 0; at <= path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    if (!is_word(path.substr(at, end - at))) return false;
    at = end + 1;
  }
  return true;
}

/// The commit in refs/NAME; "" if there is none.
std::string commit_of(const fs::path& repository, const std::string& name) {
  std::error_code none;
  const fs::path ref = repository / "refs" / name;
  if (!fs::is_regular_file(ref, none)) return "";
  try {
    std::string commit = read_file(ref, 256);
    commit.erase(commit.find_last_not_of(" \r\n") + 1);
    return is_word(commit) ? commit : "";
  } catch (const Error&) {
    return "";  // a ref that cannot be read counts as missing
  }
}

std::optional<HubSnapshot> snapshot(const fs::path& repository, const std::string& revision,
                                    const std::string& commit) {
  std::error_code none;
  const fs::path path = repository / "snapshots" / commit;
  if (commit.empty() || !fs::is_directory(path, none)) return std::nullopt;
  return HubSnapshot{revision, path};
}

std::vector<HubSnapshot> all_snapshots(const fs::path& repository) {
  std::vector<HubSnapshot> out;
  std::error_code failed;
  for (const auto& path : entries_of(repository / "snapshots", failed))
    if (auto found = snapshot(repository, path.filename(), path.filename())) out.push_back(*found);
  std::sort(out.begin(), out.end(), [](const HubSnapshot& a, const HubSnapshot& b) { return a.revision < b.revision; });
  return out;
}

}  // namespace

std::optional<HubId> parse_hub_id(std::string_view text) {
  const size_t at = text.find('@');
  const std::string_view path = text.substr(0, at);
  const size_t slash = path.find('/');
  if (slash == path.npos || !are_words(path)) return std::nullopt;
  const size_t second = path.find('/', slash + 1);
  HubId id{std::string(path.substr(0, second)), "", second == path.npos ? "" : std::string(path.substr(second + 1))};
  if (at == text.npos) return id;
  id.revision = text.substr(at + 1);
  if (!id.file.empty() || !are_words(id.revision)) return std::nullopt;
  return id;
}

std::string hub_repository(const std::string& folder_name) {
  if (!folder_name.starts_with(kPrefix) || folder_name.size() == kPrefix.size()) return "";
  std::string out = folder_name.substr(kPrefix.size());
  if (const size_t dashes = out.find("--"); dashes != out.npos) out.replace(dashes, 2, "/");
  return out;
}

std::optional<HubSnapshot> find_snapshot(const std::string& repository, const std::string& revision) {
  if (!revision.empty()) {
    if (auto named = snapshot(repository, revision, commit_of(repository, revision))) return named;
    return snapshot(repository, revision, revision);
  }
  const auto usual = usual_snapshots(repository);
  return usual.size() == 1 ? std::optional(usual[0]) : std::nullopt;
}

std::vector<HubSnapshot> usual_snapshots(const std::string& repository) {
  if (auto main = snapshot(repository, "main", commit_of(repository, "main"))) return {*main};
  std::error_code none;
  if (fs::exists(fs::path(repository) / "refs/main", none)) return {};  // main is another commit, which is not here
  return all_snapshots(repository);
}

std::string repository_folder(const std::string& hub, const std::string& repository) {
  std::string name = repository;
  name.replace(name.find('/'), 1, "--");
  return hub + "/" + std::string(kPrefix) + name;
}

std::string download_command(const HubId& id) {
  return "hf download " + id.repository + (id.file.empty() ? "" : " " + id.file) +
         (id.revision.empty() ? "" : " --revision " + id.revision);
}

}  // namespace calotype
