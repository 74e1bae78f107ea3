#include "models/model_scan.h"

#include <calotype/file_kind.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <set>

#include "base/folder_entries.h"
#include "base/spelling.h"
#include "models/hub_cache.h"
#include "models/search_folders.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMostFolders = 20000;
constexpr int kDeepest = 32;

/// A shard such as "model-00002-of-00005.safetensors", which is not a model by itself.
bool is_shard(const std::string& name) {
  const size_t of = name.rfind("-of-");
  if (of == std::string::npos || of < 6 || of + 9 > name.size() || name[of - 6] != '-') return false;
  return name.find_first_not_of("0123456789", of - 5) == of && name.find_first_not_of("0123456789", of + 4) == of + 9;
}

class Scan {
 public:
  Scan(const ModelMarks& marks, ModelScan& out) : marks_(marks), out_(out) {}

  void run(const SearchFolder& from) {
    from_ = &from;
    std::error_code failed;
    const auto status = fs::status(from.path, failed);
    if (failed && !means_nothing(failed)) return skip_unread(from.path, failed);
    if (!fs::is_directory(status)) {
      if (from.expected) skip(from.path, "no such folder");
      return;
    }
    if (std::find(out_.searched.begin(), out_.searched.end(), from.root) == out_.searched.end())
      out_.searched.push_back(from.root);
    if (fits(from.path))
      add(from.path, {}, true, 0);
    else
      enter(from.path, {}, 0);
  }

  /// Links to folders come last, so that their target is found under its own path if it is on the search path.
  void follow_links() {
    for (size_t i = 0; i < links_.size(); ++i) {
      const Link link = links_[i];
      from_ = link.from;
      enter(link.path, link.repository, link.depth);
    }
  }

 private:
  /// The repository of the models below; empty if there is none.
  struct Repository {
    std::string name, snapshot;
  };

  void skip(const std::string& path, const std::string& reason) { out_.skipped.push_back({path, reason}); }

  /// Whether it is a model. If that cannot be read, the folder is not searched, and a message reports it.
  bool fits(const fs::path& folder) {
    std::error_code failed;
    if (marks_.fits_folder(folder, failed)) return true;
    if (failed) skip_unread(folder, failed);
    return false;
  }

  void skip_unread(const fs::path& path, const std::error_code& failed) {
    if (unread_.insert(path).second) skip(path, "cannot be read: " + failed.message());
  }

  bool is_new(const fs::path& folder) {
    if (unread_.contains(folder)) return false;
    struct stat status{};
    if (stat(folder.c_str(), &status) != 0) {
      skip_unread(folder, {errno, std::generic_category()});
      return false;
    }
    return seen_.insert({status.st_dev, status.st_ino}).second;
  }

  void enter(const fs::path& folder, const Repository& repository, int depth) {
    if (!is_new(folder)) return;
    if (seen_.size() > kMostFolders || depth > kDeepest)
      return skip(folder, seen_.size() > kMostFolders ? "not searched: more than 20000 folders"
                                                      : "not searched: more than 32 folders deep");
    std::error_code failed;
    const std::vector<fs::path> paths = entries_of(folder, failed);
    if (failed) skip_unread(folder, failed);
    for (const auto& path : paths) visit(path, repository, depth);
  }

  void visit(const fs::path& path, const Repository& repository, int depth) {
    const std::string name = path.filename();
    if (name.starts_with('.') || name == "blobs" || name.starts_with("datasets--") || name.starts_with("spaces--"))
      return;
    std::error_code failed;
    const auto status = fs::status(path, failed);
    if (fs::is_directory(status)) {
      if (fits(path)) return add(path, repository, true, depth);
      if (const std::string id = hub_repository(name); !id.empty()) return enter_repository(path, id, depth);
      if (!fs::is_symlink(path, failed)) return enter(path, repository, depth + 1);
      links_.push_back({from_, path, repository, depth + 1});
      return;
    }
    const bool is_model = (marks_.fits_file(name) && !is_shard(name)) || has_ending(name, ".ckpt");
    if (fs::is_regular_file(status) && is_model) return add(path, repository, false, depth);
    if (!is_model && path.has_extension()) return;
    if (status.type() == fs::file_type::not_found)
      return skip(path, "a link to what is not there: " + fs::read_symlink(path, failed).string());
    if (failed) return skip_unread(path, failed);
    if (is_model) skip(path, "neither a file nor a folder");
  }

  void enter_repository(const fs::path& folder, const std::string& id, int depth) {
    const auto snapshots = usual_snapshots(folder);
    if (snapshots.empty()) return skip(folder, "holds no snapshot; to fetch it: hf download " + id);
    for (const auto& [revision, path] : snapshots) {
      const Repository repository{revision == "main" ? id : id + "@" + revision, path};
      if (fits(path))
        add(path, repository, true, depth);
      else
        enter(path, repository, depth + 1);
    }
  }

  void add(const fs::path& path, const Repository& repository, bool is_folder, int depth) {
    std::error_code failed;
    ModelCandidate found;
    found.path = path;
    found.real = fs::canonical(path, failed);
    if (failed) return skip_unread(path, failed);
    found.where = from_->root;
    found.is_folder = is_folder;
    found.preferred = from_->preferred;
    found.direct = from_->checkpoints && depth == 0 && !is_folder;
    found.name = is_folder ? path.filename().string() : path.stem().string();
    const auto below = path.lexically_relative(repository.name.empty() ? from_->root : repository.snapshot);
    if (repository.name.empty())
      found.relative = below;
    else
      found.relative = below == "." ? repository.name : repository.name + "/" + below.string();
    if (is_folder && path == repository.snapshot) found.is_repository = true, found.name = repository.name;
    out_.found.push_back(std::move(found));
  }

  const ModelMarks& marks_;
  ModelScan& out_;
  const SearchFolder* from_ = nullptr;
  struct Link {
    const SearchFolder* from;
    fs::path path;
    Repository repository;
    int depth;
  };
  std::vector<Link> links_;
  std::set<std::pair<dev_t, ino_t>> seen_;
  std::set<fs::path> unread_;
};

}  // namespace

ModelMarks::ModelMarks(const Catalog& catalog) {
  for (const EntryInfo* loader : catalog.of(Kind::loader))
    for (const auto& accepts : loader->accepts) {
      auto& list = accepts.ends_with('/') ? folder_files : endings;
      const std::string mark = accepts.ends_with('/') ? accepts.substr(0, accepts.size() - 1) : accepts;
      if (std::find(list.begin(), list.end(), mark) == list.end()) list.push_back(mark);
    }
}

bool ModelMarks::fits_file(const std::string& name) const {
  return std::any_of(endings.begin(), endings.end(), [&](const auto& ending) { return has_ending(name, ending); });
}

bool ModelMarks::fits_folder(const std::string& path, std::error_code& failed) const {
  for (const auto& file : folder_files) {
    std::error_code why;
    if (fs::is_regular_file(path + "/" + file, why)) return true;
    if (why && !means_nothing(why)) failed = why;
  }
  return false;
}

bool ModelMarks::fits_folder(const std::string& path) const {
  std::error_code failed;
  const bool fits = fits_folder(path, failed);
  if (failed && !fits) fail_to_look(path, failed);
  return fits;
}

ModelScan scan_models(const ModelSearchPath& search, const ModelMarks& marks) {
  ModelScan out;
  const auto folders = search_folders(search);
  Scan scan(marks, out);
  for (const auto& folder : folders) scan.run(folder);
  scan.follow_links();
  return out;
}

std::vector<ModelCandidate> models_in(const std::string& folder, const ModelMarks& marks) {
  ModelScan out;
  const SearchFolder from{folder, folder};
  Scan scan(marks, out);
  scan.run(from);
  scan.follow_links();
  return std::move(out.found);
}

}  // namespace calotype
