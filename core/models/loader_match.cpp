#include "models/loader_match.h"

#include <calotype/file_kind.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "base/spelling.h"
#include "models/pickle_refusal.h"
#include "registry/choice.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

using yaml::Node;

/// `accepts` is "name/" for a folder with a file of that name, or ".ext" for a file with that ending.
bool fits(const std::string& accepts, const std::string& path) {
  if (accepts.ends_with('/')) return is_file(fs::path(path) / accepts.substr(0, accepts.size() - 1));
  return has_ending(path, accepts) && is_file(path);
}

bool accepts(const EntryInfo& loader, const std::string& path) {
  return std::any_of(loader.accepts.begin(), loader.accepts.end(), [&](const auto& a) { return fits(a, path); });
}

std::string accepted(const std::vector<const EntryInfo*>& loaders) {
  std::string out;
  for (const EntryInfo* loader : loaders)
    for (const auto& accepts : loader->accepts) {
      out += out.empty() ? "" : ", ";
      if (accepts.ends_with('/'))
        out += "a folder with " + accepts.substr(0, accepts.size() - 1);
      else
        out += "a file " + accepts;
      out += " (" + loader->id + ")";
    }
  return out.empty() ? "nothing, for no plugin offers a loader" : out;
}

[[noreturn]] void fail_unaccepted(const Node& at, const std::string& key, const std::string& path,
                                  const std::vector<const EntryInfo*>& loaders) {
  if (!is_pickle(path)) yaml::fail(at, key + ": no loader accepts \"" + path + "\"; accepted: " + accepted(loaders));
  yaml::fail(at, key + ": " + pickle_refusal(path));
}

}  // namespace

std::string loader_for(const Catalog& catalog, const Node& at, const std::string& key, const std::string& path) {
  const auto loaders = catalog.of(Kind::loader);
  const EntryInfo* found = nullptr;
  for (const EntryInfo* loader : loaders) {
    if (!accepts(*loader, path)) continue;
    if (found)
      yaml::fail(at, key + ": loaders \"" + found->id + "\" and \"" + loader->id + "\" both accept \"" + path +
                         "\"; choose by the key " + key + ".loader");
    found = loader;
  }
  if (!found) fail_unaccepted(at, key, path, loaders);
  return found->id;
}

bool is_accepted(const Catalog& catalog, const std::string& path) {
  const auto loaders = catalog.of(Kind::loader);
  return std::any_of(loaders.begin(), loaders.end(), [&](const EntryInfo* loader) { return accepts(*loader, path); });
}

Choice loader_of(const Catalog& catalog, const Node& at, const std::string& path) {
  return choose(catalog, Kind::loader, loader_for(catalog, at, "model", path), yaml::position(at));
}

}  // namespace calotype
