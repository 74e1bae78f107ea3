#include <calotype/host/host.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <optional>

#include "cli/commands.h"
#include "cli/edge.h"
#include "config/config_keys.h"
#include "config/declared_keys.h"
#include "registry/entry_names.h"

namespace calotype::cli {
namespace {

using Words = std::vector<std::string>;

void append(Words& out, const Words& more) {
  out.insert(out.end(), more.begin(), more.end());
}

Words names_of(const Catalog& catalog, Kind kind) {
  Words out;
  for (const EntryInfo* e : catalog.of(kind)) append(out, calotype::names_of(catalog, *e));
  return out;
}

Words all_names(const Catalog& catalog) {
  Words out;
  for (const Kind kind : {Kind::scheduler, Kind::sampler, Kind::loader, Kind::pipeline})
    append(out, names_of(catalog, kind));
  for (const auto& e : catalog.entries()) out.push_back(e.plugin);
  return out;
}

Words values_of(const SettingInfo& setting) {
  if (setting.type == SettingInfo::Type::boolean) return {"true", "false"};
  return setting.choices;  // those of two numbers name them
}

/// The entries that a section of a config chooses from; nothing for other sections.
std::optional<Kind> kind_of_section(std::string_view section) {
  if (section == "model") return Kind::loader;
  for (const Kind kind : {Kind::scheduler, Kind::sampler, Kind::pipeline})
    if (section == name_of(kind)) return kind;
  return {};
}

Words config_keys_and_settings(const Catalog& catalog) {
  const std::vector<Key> all = keys_of(catalog);
  Words out = top_level_names(all);
  for (const Key& key : all) {
    if (section_of(key.info.name).empty()) continue;
    out.push_back(key.info.name);
  }
  for (const EntryInfo& e : catalog.entries())
    for (const auto& s : e.settings)
      out.push_back((e.kind == Kind::loader ? "model." : std::string(name_of(e.kind)) + ".") + s.name);
  return out;
}

Words config_values(const Catalog& catalog, const std::string& key) {
  const std::string section(section_of(key)), name = section.empty() ? "" : key.substr(section.size() + 1);
  const auto kind = kind_of_section(section.empty() ? key : section);
  if (kind && (name == "id" || name == "loader" || (name.empty() && key != "model"))) return names_of(catalog, *kind);
  const std::vector<Key> all = keys_of(catalog);
  if (const Key* found = find_key(all, key)) {
    if (!found->offered.empty()) return found->offered;
    return found->info.type == SettingInfo::Type::numbers ? Words() : values_of(found->info);
  }
  Words out;
  if (kind)
    for (const EntryInfo* e : catalog.of(*kind))
      for (const auto& s : e->settings)
        if (s.name == name) append(out, values_of(s));
  return out;
}

/// Of KEY=VALUE: the keys, each with its "=", or once that is typed the values.
Words overrides(const Words& keys, const std::function<Words(const std::string&)>& values, const std::string& current) {
  Words out;
  const size_t equals = current.find('=');
  if (equals == current.npos)
    for (const auto& key : keys) out.push_back(key + "=");
  else
    for (const auto& value : values(current.substr(0, equals))) out.push_back(current.substr(0, equals + 1) + value);
  return out;
}

/// The names that stand on the line so far, without options and their values.
Words names_on(const Words& line) {
  Words out;
  for (size_t i = 1; i < line.size(); ++i)
    if (line[i] == "--set" || line[i] == "--steps")
      ++i;
    else if (!line[i].starts_with('-'))
      out.push_back(line[i]);
  return out;
}

Words override_candidates(const Catalog& catalog, const Words& line, const std::string& current) {
  if (line[0] == "run")
    return overrides(
        config_keys_and_settings(catalog), [&](const std::string& key) { return config_values(catalog, key); },
        current);
  if (line[0] != "sigmas")
    return overrides({"models_dir", "model_paths"}, [](const std::string&) { return Words(); }, current);
  const Words names = names_on(line);
  const auto found = catalog.find(Kind::scheduler, names.empty() ? "" : names[0]);
  if (found.size() != 1) return {};
  Words keys;
  for (const auto& s : found[0]->settings) keys.push_back(s.name);
  return overrides(keys, [&](const std::string& key) { return config_values(catalog, "scheduler." + key); }, current);
}

Words candidates(const Words& line, const std::string& current) {
  if (line.empty()) {
    Words out{"help", "--help", "--version"};
    for (const auto& c : commands()) out.push_back(c.name);
    return out;
  }
  const auto command =
      std::find_if(commands().begin(), commands().end(), [&](const Command& c) { return c.name == line[0]; });
  if (command == commands().end() || line.back() == "--steps") return {};
  if (line.back() == "--set") return override_candidates(Host().catalog(), line, current);
  if (current.starts_with('-')) {
    Words out{"--help"};
    for (const auto& option : command->options) out.push_back("--" + option);
    return out;
  }
  if (line[0] == "list") return list_kinds();
  if (line[0] == "completion" && line.size() == 1) return completion_shells();
  if (line[0] == "show") return all_names(Host().catalog());
  if (line[0] == "sigmas" && names_on(line).empty()) return names_of(Host().catalog(), Kind::scheduler);
  return {};
}

}  // namespace

int complete(const std::vector<std::string>& words) {
  Words line = words;
  if (line.empty()) line.emplace_back();
  const std::string current = line.back();
  line.pop_back();
  Words found = candidates(line, current);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  for (const auto& word : found)
    if (word.starts_with(current)) put_line(stdout, word);
  return 0;
}

}  // namespace calotype::cli
