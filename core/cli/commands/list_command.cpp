#include <calotype/host/host.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "base/spelling.h"
#include "cli/commands.h"
#include "cli/edge.h"
#include "cli/entry_page.h"
#include "cli/plugin_options.h"
#include "cli/print.h"
#include "cli/table.h"
#include "config/config_keys.h"
#include "config/declared_keys.h"

namespace calotype::cli {
namespace {

void list_kind(const Catalog& catalog, Kind kind) {
  std::vector<std::vector<std::string>> rows;
  const bool graded = kind == Kind::scheduler || kind == Kind::sampler;
  if (graded)
    rows.push_back(
        {std::string(name_of(kind)), "also", "origin", "steps", "best for", "category", "pairs with", "summary"});
  else
    rows.push_back({std::string(name_of(kind)), "also", "summary"});
  for (const EntryInfo* e : catalog.of(kind)) {
    const std::string id = e->id + (e->recommended ? " *" : "");
    if (graded)
      rows.push_back({id, joined(e->aliases), e->origin,
                      e->steps_high ? std::to_string(e->steps_low) + "-" + std::to_string(e->steps_high) : "",
                      e->best_for, e->category, e->pairs_with, e->summary});
    else
      rows.push_back({id, joined(e->aliases), e->summary});
  }
  print_table(rows, {"also", "category", "best for", "origin", "pairs with"});
  if (graded) std::printf("* recommended\n");
}

/// Libraries by their paths, each with what it offers; refused ones after them, with the reason.
Json plugins_json(const Catalog& catalog) {
  std::map<std::string, Json> libraries;
  for (const auto& e : catalog.entries()) {
    Json& plugin = libraries[e.library];
    if (plugin.is_null())
      plugin = {{"library", e.library}, {"accepted", true},     {"plugin", e.plugin},
                {"vendor", e.vendor},   {"version", e.version}, {"tier", e.tier}};
    plugin["offers"].push_back(std::string(name_of(e.kind)) + " " + e.id);
  }
  Json out = Json::array();
  for (auto& [library, plugin] : libraries) out.push_back(std::move(plugin));
  for (const auto& r : catalog.refusals()) out.push_back(to_json(r));
  return out;
}

void list_plugins(const Catalog& catalog, bool json) {
  for (const Json& p : plugins_json(catalog)) {
    if (json) {
      print_json(p);
    } else if (p["accepted"].get<bool>()) {
      const std::string version = p["version"].get<std::string>();
      put_line(stdout, p["plugin"].get<std::string>() + (version.empty() ? "" : " " + version) + ", tier " +
                           std::to_string(p["tier"].get<int>()));
      put_line(stdout, "  " + p["library"].get<std::string>());
      put_line(stdout, "  " + joined(p["offers"]));
    }
  }
  if (!json)
    for (const Refusal& r : catalog.refusals()) put(stdout, to_text(r));
}

std::string default_text(const SettingInfo& info) {
  const Json value = to_json(info.default_value);
  return value.is_null()     ? ""
         : value.is_string() ? value.get<std::string>()
         : value.is_number() ? to_text(value.get<double>())
                             : value.dump();
}

/// The keys of a config as a Markdown table, for docs/run.md.
void list_keys(const Catalog& catalog) {
  std::printf("| key | value | default | |\n| --- | --- | --- | --- |\n");
  for (const Key& key : keys_of(catalog))
    put_line(stdout, "| `" + key.info.name + "` | " + range_of(key.info) + " | " + default_text(key.info) + " | " +
                         key.info.doc + " |");
}

/// The settings of all entries, the same way, for docs/settings.md.
void list_settings(const Catalog& catalog) {
  std::printf("| of | setting | value | default | |\n| --- | --- | --- | --- | --- |\n");
  for (const EntryInfo& e : catalog.entries())
    for (const SettingInfo& s : e.settings)
      put_line(stdout, "| " + std::string(name_of(e.kind)) + " `" + e.id + "` | `" + s.name + "` | " + range_of(s) +
                           " | " + default_text(s) + " | " + s.doc + " |");
}

}  // namespace

const std::vector<std::string>& list_kinds() {
  static const std::vector<std::string> kinds{"schedulers", "samplers", "loaders", "pipelines",
                                              "plugins",    "keys",     "settings"};
  return kinds;
}

int list_command(const Arguments& arguments) {
  const auto& known = list_kinds();
  const Catalog catalog = Host(host_options(arguments)).catalog();
  const auto names = arguments.names.empty() ? std::vector(known.begin(), known.begin() + (arguments.markdown ? 2 : 5))
                                             : arguments.names;
  if (arguments.markdown && arguments.json) throw Error(ErrorCode::usage, "list: want --json or --markdown, got both");
  for (size_t i = 0; i < names.size(); ++i) {
    const auto at = std::find(known.begin(), known.end(), names[i]) - known.begin();
    if (at == std::ptrdiff_t(known.size()))
      throw Error(ErrorCode::usage, "list: " + unknown_name("kind", names[i], known));
    if (arguments.markdown && at != 0 && at != 1 && at < 5)
      throw Error(ErrorCode::usage, "list: --markdown: want schedulers, samplers, keys or settings, got " + names[i]);
    if (i && !arguments.json) std::printf("\n");
    if (arguments.markdown && at < 2) {
      put(stdout, page_of(catalog, Kind(at + 1)));
    } else if (at == 6) {
      list_settings(catalog);
    } else if (at == 5) {
      list_keys(catalog);
    } else if (at == 4) {
      list_plugins(catalog, arguments.json);
    } else if (arguments.json) {
      for (const EntryInfo* e : catalog.of(Kind(at + 1))) print_json(to_json(*e));
    } else {
      list_kind(catalog, Kind(at + 1));
    }
  }
  return 0;
}

}  // namespace calotype::cli
