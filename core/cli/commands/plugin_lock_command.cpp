#include <algorithm>
#include <map>
#include <set>

#include "cli/commands.h"
#include "cli/edge.h"
#include "cli/plugin_options.h"
#include "cli/print.h"
#include "config/config_tree.h"
#include "registry/plugin_lock.h"

namespace calotype::cli {
namespace {

/// The libraries outside of the host's own folder that a config lets in; an older lock is not asked.
std::vector<std::string> foreign_libraries(const Host& host, const Config& config) {
  const Catalog catalog = host.catalog(config.plugin_paths());
  std::set<std::string> accepted;
  for (const auto& e : catalog.entries()) accepted.insert(e.library);
  std::vector<std::string> out;
  for (const Refusal& r : catalog.refusals())
    if (r.code == "not_readable") throw Error(ErrorCode::io, "plugin lock: " + r.library + ": " + r.reason());
  for (size_t i = 1; i < catalog.folders().size(); ++i)
    for (const auto& library : catalog.folders()[i].libraries)
      if (accepted.contains(library)) out.push_back(library);
  return out;
}

}  // namespace

int plugin_lock_command(const Arguments& arguments) {
  if (arguments.names.empty()) throw Error(ErrorCode::usage, "plugin lock: want a config");
  Host host(host_options(arguments));
  std::map<std::string, std::vector<std::string>> folders;
  for (const auto& name : arguments.names) {
    const Config config = Config::from_file(name);
    auto& libraries = folders[config.tree().folder.lexically_normal().string()];
    for (auto& library : foreign_libraries(host, config)) libraries.push_back(std::move(library));
  }
  for (const auto& [folder, libraries] : folders) put_path(write_plugin_lock(folder, libraries));
  return 0;
}

}  // namespace calotype::cli
