#include "models/model_lookup.h"

#include <calotype/error.h>
#include <calotype/file_kind.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/spelling.h"
#include "base/utf8.h"
#include "models/hub_cache.h"
#include "models/model_aliases.h"
#include "models/pickle_refusal.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

/// The forms that a name may have on the search path.
struct Wanted {
  std::string given;  ///< "org/name" or "name", without the ending of a file
  std::vector<std::string>
      names;  ///< names of a file's stem or a folder: known aliases, and the name itself if it is not an id
  std::vector<std::string> folders;  ///< names of a folder only: an id in the form that people give to downloads; a
                                     ///< file of this name may be anyone's

  Wanted(const std::string& text, const std::optional<HubId>& id, const KnownModelNames& known, const ModelMarks& marks)
      : given(text) {
    for (const auto& ending : marks.endings)
      if (given.size() > ending.size() && has_ending(given, ending)) given.resize(given.size() - ending.size());
    if (id && id->file.empty()) {
      folders = {given.substr(given.find('/') + 1), given};
      folders.back().replace(given.find('/'), 1, "--");
    } else {
      names.push_back(given);
    }
    for (const auto& stem : known.stems_of(given)) names.push_back(stem);
  }
};

/// How well a candidate fits: lower is better, the last does not fit.
enum Fit {
  by_path,
  file_under_checkpoints,
  file_by_name,
  folder_by_name,
  folder_by_likeness,
  file_by_likeness,
  pickle,
  none
};

bool ends_with_path(const std::string& path, const std::string& end) {
  return path == end || path.ends_with("/" + end);
}

/// The name has folders, and they match the candidate's.
bool is_at(const ModelCandidate& c, const Wanted& wanted) {
  const std::string relative = c.is_folder ? c.relative : fs::path(c.relative).replace_extension().string();
  return wanted.given.find('/') != std::string::npos && ends_with_path(relative, wanted.given);
}

/// Whether `fits` holds for a name of such a candidate.
template <class Fits>
bool has_name(const ModelCandidate& c, const Wanted& wanted, Fits fits) {
  return std::any_of(wanted.names.begin(), wanted.names.end(), fits) ||
         (c.is_folder && std::any_of(wanted.folders.begin(), wanted.folders.end(), fits));
}

bool is_named(const ModelCandidate& c, const Wanted& wanted) {
  if (c.is_repository) return c.name == wanted.given || c.name.substr(c.name.find('/') + 1) == wanted.given;
  return is_at(c, wanted) || has_name(c, wanted, [&](const std::string& name) { return c.name == name; });
}

bool is_like(const ModelCandidate& c, const Wanted& wanted) {
  const std::string name = normalized(c.name);
  if (c.is_repository)
    return name == normalized(wanted.given) || name.substr(name.find('/') + 1) == normalized(wanted.given);
  return has_name(c, wanted, [&](const std::string& w) { return normalized(w) == name; });
}

Fit fit_of(const ModelCandidate& c, const Wanted& wanted) {
  const bool named = is_named(c, wanted);
  if (!named && !is_like(c, wanted)) return Fit::none;
  if (!is_pickle(c.path) && is_at(c, wanted)) return by_path;
  if (c.is_folder) return named ? folder_by_name : folder_by_likeness;
  if (is_pickle(c.path)) return pickle;
  if (!named) return file_by_likeness;
  return c.direct ? file_under_checkpoints : file_by_name;
}

/// The candidates that fit best, each real file once; only the preferred ones if there are any.
std::vector<const ModelCandidate*> best(const std::vector<ModelCandidate>& candidates, const Wanted& wanted) {
  Fit least = Fit::none;
  for (const auto& c : candidates) least = std::min(least, fit_of(c, wanted));
  std::vector<const ModelCandidate*> out;
  if (least == Fit::none) return out;
  for (const auto& c : candidates) {
    const bool is_known = std::any_of(out.begin(), out.end(), [&](const auto* other) { return other->real == c.real; });
    if (fit_of(c, wanted) == least && !is_known) out.push_back(&c);
  }
  if (std::any_of(out.begin(), out.end(), [](const auto* c) { return c->preferred; }))
    std::erase_if(out, [](const auto* c) { return !c->preferred; });
  return out;
}

[[noreturn]] void fail_several(const std::string& name, const std::vector<std::string>& found,
                               const std::string& remedy) {
  throw Error(ErrorCode::config, "\"" + one_line(name) + "\" may be any of " + joined(found) + "; " + remedy);
}

/// The model of an id in the cache; nothing if it is not there.
std::optional<std::string> find_in_hub(const HubId& id, const std::string& name, const std::string& hub,
                                       const ModelMarks& marks) {
  const std::string folder = repository_folder(hub, id.repository);
  const auto snapshot = find_snapshot(folder, id.revision);
  if (!snapshot) {
    std::vector<std::string> revisions;
    for (const auto& usual : usual_snapshots(folder)) revisions.push_back(id.repository + "@" + usual.revision);
    if (id.revision.empty() && revisions.size() > 1) fail_several(name, revisions, "write one of them");
    return std::nullopt;
  }
  if (!id.file.empty()) {
    const std::string path = snapshot->path + "/" + id.file;
    return is_file(path) || marks.fits_folder(path) ? std::optional(path) : std::nullopt;
  }
  if (marks.fits_folder(snapshot->path)) return snapshot->path;
  std::vector<std::string> files, named;
  for (const auto& c : models_in(snapshot->path, marks))
    files.push_back(c.path), named.push_back(id.repository + "/" + c.relative);
  if (files.size() > 1) fail_several(name, id.revision.empty() ? named : files, "write one of them");
  return files.empty() ? std::nullopt : std::optional(files[0]);
}

/// "; did you mean "a" or "b"?", or "".
std::string nearest_names(const std::string& name, const std::vector<ModelCandidate>& candidates) {
  std::vector<std::string> names, near;
  for (const auto& c : candidates) names.push_back(c.name);
  while (near.size() < 3) {
    const std::string next = nearest(name, names);
    if (next.empty()) break;
    near.push_back("\"" + one_line(next) + "\"");
    std::erase(names, next);
  }
  std::string out;
  for (size_t i = 0; i < near.size(); ++i)
    out += (i == 0 ? "; did you mean " : i + 1 == near.size() ? " or " : ", ") + near[i];
  return out.empty() ? out : out + "?";
}

[[noreturn]] void fail_unknown(const std::string& name, const std::string& as_path, const std::optional<HubId>& id,
                               const ModelSearchPath& search, const ModelScan& scan, bool is_file) {
  std::string text = "no file or folder \"" + as_path + "\"";
  if (!scan.searched.empty()) text += ", nor a model of that name in " + joined(scan.searched);
  std::string near = nearest_names(name, scan.found);
  if (near.empty() && id) near = nearest_names(name.substr(name.find('/') + 1), scan.found);
  text += near;
  if (scan.searched.empty() && !id && !is_file)
    text += "; a name is looked for in models_dir, ./models and ~/models, and none is there";
  if (id && !search.hub.empty()) text += "; to fetch it: " + download_command(*id);
  throw Error(ErrorCode::no_input, text);
}

/// A file path also looks like an id; it is one only if the cache has this repository.
std::optional<HubId> hub_id_of(const std::string& name, const ModelSearchPath& search, const ModelMarks& marks) {
  const auto id = parse_hub_id(name);
  if (!id || (!marks.fits_file(name) && id->file.empty())) return id;
  return is_folder(repository_folder(search.hub, id->repository)) ? id : std::nullopt;
}

bool is_model_path(const std::string& path) {
  const FileKind kind = kind_of(path);
  return kind == FileKind::file || kind == FileKind::folder;
}

bool is_plain_path(const std::string& text) {
  return text.starts_with('/') || text.starts_with("./") || text.starts_with("../") || text.starts_with("~/");
}

}  // namespace

ModelLocation find_model(const std::string& name, const std::string& as_path, const ModelSearchPath& search,
                         const ModelMarks& marks) {
  if (is_model_path(as_path)) return {as_path, fs::path(as_path).parent_path()};
  if (is_there(as_path))
    throw Error(ErrorCode::no_input, "want a file or a folder, got a pipe or a device, \"" + as_path + "\"");
  if (is_plain_path(name)) throw Error(ErrorCode::no_input, "no file or folder \"" + as_path + "\"");
  const auto id = hub_id_of(name, search, marks);
  if (id && !search.hub.empty())
    if (const auto path = find_in_hub(*id, name, search.hub, marks)) return {*path, search.hub};
  const KnownModelNames known(search.name_files);
  const ModelScan scan = scan_models(search, marks);
  const bool wants_revision = id && !id->revision.empty();
  const auto found =
      wants_revision ? std::vector<const ModelCandidate*>() : best(scan.found, Wanted(name, id, known, marks));
  if (found.empty()) fail_unknown(name, as_path, id, search, scan, marks.fits_file(name));
  std::vector<std::string> paths;
  for (const auto* c : found) paths.push_back(c->path);
  if (found.size() > 1) fail_several(name, paths, "write the path");
  return {paths[0], found[0]->where};
}

void make_names_differ(std::vector<ModelCandidate>& candidates) {
  for (const auto& finer : {&ModelCandidate::relative, &ModelCandidate::path}) {
    std::map<std::string, int> uses;
    for (const auto& c : candidates) ++uses[c.name];
    for (auto& c : candidates)
      if (uses[c.name] > 1) c.name = c.*finer;
  }
}

}  // namespace calotype
