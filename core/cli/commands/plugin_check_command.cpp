#include <calotype/host/host.h>

#include <cstdio>
#include <filesystem>
#include <optional>

#include "cli/check_plugin.h"
#include "cli/commands.h"
#include "cli/edge.h"
#include "registry/crash_memory.h"
#include "registry/manifest.h"

namespace calotype::cli {
namespace {

/// Reports which names of the plugin are those of what comes with Calotype, where a config must write the vendor before
/// them.
void print_taken_names(const std::string& file) {
  Host::Options options;
  options.builtin_only = true;
  const Catalog own = Host(options).catalog();
  std::error_code none;
  for (const auto& e : read_manifests(file).entries)
    for (const EntryInfo* other : own.find(e.kind, e.id))
      if (!std::filesystem::equivalent(file, other->library, none))
        put_line(stdout, "note: " + std::string(name_of(e.kind)) + " \"" + e.id +
                             "\" comes with Calotype too; configs write \"" + (e.vendor.empty() ? "VENDOR" : e.vendor) +
                             "/" + e.id + "\" for this one" +
                             (e.vendor.empty() ? ", whose vendor is not declared yet" : ""));
}

}  // namespace

int plugin_check_command(const Arguments& arguments) {
  std::optional<Crash> crash;  // the first
  const int code = check_plugin(arguments, [&](const check::Outcome& o) {
    if (o.is_crash && !crash) crash = {arguments.names[0], o.signal, o.last_call, o.output};
  });
  if (!arguments.json && !arguments.quiet) print_taken_names(arguments.names[0]);
  const bool is_whole = arguments.only.empty() && arguments.level == "full";
  if (!crash && is_whole) forget_crash(arguments.names[0]);
  if (!crash) return code;
  remember_crash(*crash);
  if (!arguments.json)
    put_line(stdout, arguments.names[0] + ": refused by hosts from now on, as it is; --retry lets it in");
  return code;
}

}  // namespace calotype::cli
