#include "models/model_list.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <optional>
#include <set>
#include <thread>
#include <tuple>

#include "models/loader_match.h"
#include "models/model_lookup.h"
#include "models/search_folders.h"

namespace calotype {
namespace {

constexpr size_t kMostThreads = 8;

/// The types of all components; the text of a component may name several.
std::vector<std::string> types_of(const ModelInfo& info) {
  std::set<std::string> out;
  for (const auto& component : info.parts)
    for (size_t at = 0; at < component.dtype.size();) {
      const size_t end = std::min(component.dtype.find(", ", at), component.dtype.size());
      out.insert(component.dtype.substr(at, end - at));
      at = end + 2;
    }
  return {out.begin(), out.end()};
}

/// The text of an error without the path, which is listed beside it.
std::string reason_of(const std::string& path, std::string text) {
  for (const std::string& start : {path + ": ", std::string("model: ")})
    if (text.starts_with(start)) text.erase(0, start.size());
  return text;
}

/// A candidate with its loader, or with the reason why it has none.
struct Loadable {
  ListedModel model;
  std::optional<Choice> loader;
};

Loadable with_loader(const ModelCandidate& candidate, const Catalog& catalog) {
  Loadable out;
  out.model.name = candidate.name, out.model.path = candidate.path, out.model.where = candidate.where;
  out.model.bytes = bytes_of(candidate.path);
  try {
    yaml::Node at;
    at.file = candidate.path;
    out.loader = loader_of(catalog, at, candidate.path);
  } catch (const Error& e) {
    out.model.reason = reason_of(candidate.path, e.what());
  }
  return out;
}

void read_headers(Loadable& loadable, const DescribeModel& describe) {
  ListedModel& out = loadable.model;
  if (!loadable.loader) return;
  try {
    const ModelInfo info = describe(out.path, *loadable.loader);
    out.loader = loadable.loader->name, out.family = info.family, out.layout = info.layout,
    out.prediction = info.prediction;
    out.types = types_of(info);
    out.parameters = info.parameters();
  } catch (const std::exception& e) {
    out.reason = reason_of(out.path, e.what());
  }
}

/// Describes on several threads, but the first model of each loader on one thread, because that opens the loader's
/// library.
void read_all_headers(std::vector<Loadable>& all, const DescribeModel& describe) {
  std::set<std::string> opened;
  std::vector<Loadable*> rest;
  for (auto& one : all) {
    if (one.loader && opened.insert(one.loader->name).second)
      read_headers(one, describe);
    else
      rest.push_back(&one);
  }
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < rest.size(); i = next++) read_headers(*rest[i], describe);
  };
  std::vector<std::jthread> threads;
  const size_t helpers = std::min<size_t>({kMostThreads, std::thread::hardware_concurrency(), rest.size() / 8});
  for (size_t i = 1; i < helpers; ++i) threads.emplace_back(work);
  work();
}

ListedModel refused(const SkippedPath& skipped) {
  ListedModel out;
  out.path = skipped.path, out.reason = skipped.reason;
  return out;
}

/// Removes files that cannot be read from the search path, so that the rest is listed.
std::vector<SkippedPath> take_broken_files(ModelSearchPath& search) {
  std::vector<SkippedPath> out;
  std::erase_if(search.comfyui_files, [&](const std::string& file) {
    try {
      comfyui_folders(file);
      return false;
    } catch (const Error& e) {
      out.push_back({file, reason_of(file, e.what())});
      return true;
    }
  });
  return out;
}

}  // namespace

std::vector<ListedModel> list_models(ModelSearchPath search, const Catalog& catalog, const DescribeModel& describe) {
  std::vector<ListedModel> out;
  for (const auto& broken : take_broken_files(search)) out.push_back(refused(broken));
  ModelScan scan = scan_models(search, ModelMarks(catalog));
  // a file is listed under its own name, without links to it
  std::stable_partition(scan.found.begin(), scan.found.end(), [](const ModelCandidate& c) {
    std::error_code none;
    return !std::filesystem::is_symlink(c.path, none);
  });
  std::set<std::string> seen;
  std::erase_if(scan.found, [&](const ModelCandidate& c) { return !seen.insert(c.real).second; });
  make_names_differ(scan.found);
  for (const auto& skipped : scan.skipped) out.push_back(refused(skipped));
  std::vector<Loadable> loadable;
  for (const auto& candidate : scan.found) loadable.push_back(with_loader(candidate, catalog));
  read_all_headers(loadable, describe);
  for (auto& one : loadable) out.push_back(std::move(one.model));
  std::stable_sort(out.begin(), out.end(), [](const ListedModel& a, const ListedModel& b) {
    return std::tuple(!a.reason.empty(), a.reason.empty() ? a.name : a.path) <
           std::tuple(!b.reason.empty(), b.reason.empty() ? b.name : b.path);
  });
  return out;
}

}  // namespace calotype
