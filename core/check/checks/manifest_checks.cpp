// The manifests, read as the host reads them. None of the library's code runs.
#include <calotype/json.h>
#include <calotype/version.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>
#include <utility>

#include "base/spelling.h"
#include "check/check.h"
#include "registry/manifest.h"

namespace calotype::check {
namespace {

std::string named(const EntryInfo& e) {
  return std::string(name_of(e.kind)) + " \"" + e.id + "\": ";
}

bool is_plain(std::string_view name) {
  return !name.empty() && name != "null" && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("_-.@").find(c) != std::string_view::npos;
  });
}

void is_accepted(const Subject& s) {
  if (const auto refusal = read_manifests(s.file).refusal) throw Broken(refusal->reason());
}

void ids_are_plain(const Subject& s) {
  for (const auto& e : s.entries) {
    if (!is_plain(e.id)) throw Broken(named(e) + "want an id of a-z, 0-9, _ - . @");
    for (const auto& alias : e.aliases)
      if (!is_plain(alias)) throw Broken(named(e) + "want aliases of a-z, 0-9, _ - . @, got \"" + alias + "\"");
  }
}

void names_are_unique(const Subject& s) {
  std::set<std::pair<Kind, std::string>> seen;
  for (const auto& e : s.entries) {
    if (!seen.insert({e.kind, e.id}).second)
      throw Broken(named(e) + "its name is also the name of another entry of this library");
    for (const auto& alias : e.aliases)
      if (!seen.insert({e.kind, alias}).second)
        throw Broken(named(e) + "its alias \"" + alias + "\" is also the name of another entry of this library");
  }
}

/// Throws Broken if an object has a member that is not in `known`. A later SDK may write more members.
void check_members(const JsonValue& object, const std::string& where, const std::vector<std::string>& known) {
  const auto* members = object.as<JsonValue::Object>();
  if (!members) return;
  for (const auto& [name, value] : *members) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string near = nearest(name, known);
    throw Broken(where + "unknown member \"" + name + "\"" + (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
  }
}

void members_are_known(const Subject& s) {
  const std::vector<std::string> entry{
      "kind",      "id",         "label",   "summary",     "citation", "category",     "best_for",    "aliases",
      "accepts",   "pairs_with", "steps",   "recommended", "order",    "settings",     "model_calls", "plugin",
      "vendor",    "version",    "sdk",     "host",        "noise",    "needs",        "threads",     "origin",
      "own_steps", "by_hand",    "restart", "guidance",    "request",  "scaled_linear"};
  const std::vector<std::string> setting{"name",    "type", "default", "doc",      "min", "max",
                                         "choices", "unit", "since",   "formerly", "path"};
  std::vector<std::string> key = setting;
  for (const char* more : {"after", "wants", "expands_like", "parts", "optional", "rare", "implied"})
    key.emplace_back(more);
  for (const auto& manifest : manifest_texts(s.file)) {
    const JsonValue j = JsonValue::parse(manifest.json);
    const auto text = [&](const JsonValue& of, const char* key) {
      const JsonValue* found = of.find(key);
      return found && found->as<std::string>() ? *found->as<std::string>() : "";
    };
    if (const std::string sdk = text(j, "sdk"); !sdk.empty() && sdk != CALOTYPE_VERSION)
      throw Skipped("it was built with the SDK " + sdk + "; this program knows the manifests of " CALOTYPE_VERSION);
    const std::string where = text(j, "kind") + " \"" + text(j, "id") + "\": ";
    check_members(j, where, entry);
    if (const auto* settings = j.find("settings") ? j.find("settings")->as<JsonValue::List>() : nullptr)
      for (const JsonValue& one : *settings)
        check_members(one, where + "setting \"" + text(one, "name") + "\": ", setting);
    if (const auto* keys = j.find("request") ? j.find("request")->as<JsonValue::List>() : nullptr)
      for (const JsonValue& one : *keys) check_members(one, where + "key \"" + text(one, "name") + "\": ", key);
  }
}

void has_summaries(const Subject& s) {
  for (const auto& e : s.entries) {
    if (e.summary.empty()) throw Broken(named(e) + "want a summary of one line, got none");
    if (e.summary.find('\n') != e.summary.npos) throw Broken(named(e) + "want a summary of one line, got several");
    if (e.summary.size() > 120)
      throw Broken(named(e) + "want a summary of at most 120 bytes, got " + std::to_string(e.summary.size()));
  }
}

void steps_make_sense(const Subject& s) {
  for (const auto& e : s.entries)
    if (e.steps_high && (e.steps_low < 1 || e.steps_low > e.steps_high || e.steps_high > 1000))
      throw Broken(named(e) + "want 1 <= lowest <= highest <= 1000 steps, got " + std::to_string(e.steps_low) +
                   " and " + std::to_string(e.steps_high));
}

void settings_are_told(const Subject& s) {
  for (const auto& e : s.entries)
    for (const auto& setting : e.settings)
      if (setting.doc.empty())
        throw Broken(named(e) + "want a description of the setting \"" + setting.name + "\", got none");
}

void setting_names_are_plain(const Subject& s) {
  for (const auto& e : s.entries) {
    std::set<std::string> seen{"id"};  // the key of the config itself
    for (const auto& setting : e.settings) {
      if (!is_plain(setting.name))
        throw Broken(named(e) + "want a setting's name of a-z, 0-9, _ - . @, got \"" + setting.name + "\"");
      if (!seen.insert(setting.name).second)
        throw Broken(named(e) + "the setting \"" + setting.name +
                     "\" is declared twice, or has the name of the key id");
      for (const auto& older : setting.formerly)
        if (!is_plain(older) || !seen.insert(older).second)
          throw Broken(named(e) + "want older names of a-z, 0-9, _ - . @ that no other setting has, got \"" + older +
                       "\"");
    }
  }
}

void check_range(const EntryInfo& e, const SettingInfo& s, double value) {
  if (s.min > s.max) throw Broken(named(e) + "the setting \"" + s.name + "\" has a minimum above its maximum");
  if (value < s.min || value > s.max) throw Broken(named(e) + "the default of \"" + s.name + "\" is out of its range");
}

void defaults_are_in_range(const Subject& s) {
  for (const auto& e : s.entries)
    for (const auto& setting : e.settings) {
      if (const auto* d = std::get_if<double>(&setting.default_value)) check_range(e, setting, *d);
      if (const auto* numbers = std::get_if<Numbers>(&setting.default_value))
        for (const double d : *numbers) check_range(e, setting, d);
      const auto* text = std::get_if<std::string>(&setting.default_value);
      if (setting.type == SettingInfo::Type::choice &&
          (!text || std::find(setting.choices.begin(), setting.choices.end(), *text) == setting.choices.end()))
        throw Broken(named(e) + "the default of \"" + setting.name + "\" is not one of its choices");
    }
}

void version_is_three_numbers(const Subject& s) {
  const std::string& version = s.entries[0].version;
  int dots = 0;
  bool is_good = version.empty() || (std::isdigit(static_cast<unsigned char>(version.front())) &&
                                     std::isdigit(static_cast<unsigned char>(version.back())));
  for (size_t i = 0; i < version.size(); ++i) {
    if (version[i] == '.')
      is_good = is_good && version[i + 1] != '.', ++dots;
    else
      is_good = is_good && std::isdigit(static_cast<unsigned char>(version[i]));
  }
  if (!is_good || (!version.empty() && dots != 2))
    throw Broken("want a version such as 1.2.3, got \"" + version + "\"");
}

void vendor_is_plain(const Subject& s) {
  const std::string& vendor = s.entries[0].vendor;
  if (!vendor.empty() && !is_plain(vendor))
    throw Broken("want a vendor of a-z, 0-9, _ - . @, got \"" + vendor + "\": configs write vendor/name");
}

}  // namespace

const std::vector<Check>& manifest_checks() {
  using enum About;
  static const std::vector<Check> all{
      {"is-accepted", "the host accepts its manifests", library, is_accepted},
      {"ids-are-plain", "a config can contain its ids and aliases without quotes", library, ids_are_plain,
       "is-accepted"},
      {"names-are-unique", "no two of its entries of a kind share a name", library, names_are_unique, "is-accepted"},
      {"note-members-are-known", "its manifests have only known members", library, members_are_known, "is-accepted"},
      {"has-summaries", "each entry has a summary of one line", library, has_summaries, "is-accepted"},
      {"steps-make-sense", "its recommended numbers of steps are a valid range", library, steps_make_sense,
       "is-accepted"},
      {"settings-are-told", "each setting has a description", library, settings_are_told, "is-accepted"},
      {"setting-names-are-plain", "its settings have names that a config can contain, and no two the same", library,
       setting_names_are_plain, "is-accepted"},
      {"defaults-are-in-range", "the defaults of its settings are allowed values", library, defaults_are_in_range,
       "is-accepted"},
      {"version-is-three-numbers", "its version has the form 1.2.3", library, version_is_three_numbers, "is-accepted"},
      {"vendor-is-plain", "a config can contain its vendor, as vendor/name", library, vendor_is_plain, "is-accepted"}};
  return all;
}

}  // namespace calotype::check
