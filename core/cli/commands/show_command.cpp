#include <calotype/file_kind.h>
#include <calotype/host/host.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>

#include "base/file.h"
#include "base/spelling.h"
#include "cli/commands.h"
#include "cli/edge.h"
#include "cli/plugin_options.h"
#include "cli/print.h"
#include "config/config_keys.h"
#include "config/declared_keys.h"
#include "image/png_metadata.h"

namespace calotype::cli {
namespace {

void print(const std::string& text) {
  put(stdout, text + "\n");
}

void show_png(const std::string& path, bool json) {
  const auto texts = read_png_texts(read_file(path, size_t(256) << 20), path);
  if (json) return print_json(Json(texts));
  if (texts.empty()) return put_line(stdout, path + ": holds no text");
  for (const auto& [key, text] : texts) print(one_line_text(key) + ":\n" + text + "\n");
}

void show_model(Host& host, const std::string& name, const Arguments& arguments) {
  const ModelInfo model = host.describe_parts(name, arguments.overrides);
  const std::string sum = sha256_of(model.path);
  if (!arguments.json)
    return print(to_text(model) + "  sha256        " + sum + "\n  complete      " +
                 (model.missing.empty() ? "yes" : "no"));
  Json out = to_json(model);
  out["sha256"] = sum;
  print_json(out);
}

void show_path(Host& host, const std::string& path, const Arguments& arguments) {
  if (has_ending(path, ".png")) return show_png(path, arguments.json);
  show_model(host, path, arguments);
}

/// Whether it is written as a path is: with a slash or an ending. A folder `karras` does not hide the scheduler.
bool is_path(const std::string& name) {
  return is_there(name) && (name.find('/') != name.npos || std::filesystem::path(name).has_extension());
}

void fail_if_refused(const Catalog& catalog, const std::string& name) {
  for (const Kind kind : {Kind::scheduler, Kind::sampler, Kind::loader, Kind::pipeline}) try {
      if (!catalog.refused(kind, name).empty()) catalog.get(kind, name);
    } catch (const Error& e) {
      throw Error(e.code(), std::string("show: ") + e.what());
    }
}

/// The error about a name that no entry has, before the one about it as a model's: the nearest name, else, unless a
/// model's is near, all ids.
std::string unknown_entry(const std::string& name, const Catalog& catalog, const std::vector<std::string>& known,
                          const std::string& as_model) {
  const std::string unknown = "unknown name \"" + one_line_text(name) + "\"; ", near = nearest(name, known);
  if (!near.empty()) return unknown + "did you mean \"" + near + "\"? as a model: ";
  if (name.empty() || name.find('/') != name.npos || as_model.find("did you mean") != as_model.npos) return "";
  std::vector<std::string> ids;
  for (const auto& e : catalog.entries()) ids.push_back(e.id);
  return unknown_name("name", name, ids, known, "calotype list") + "; as a model: ";
}

/// What a name of the entry is without the program that has it so: "beta" of "beta@a1111".
std::set<std::string> plain_names(const EntryInfo& e) {
  std::set<std::string> out{e.id.substr(0, e.id.find('@'))};
  for (const auto& alias : e.aliases) out.insert(alias.substr(0, alias.find('@')));
  return out;
}

/// The same names as other programs have them, and how those differ.
std::string elsewhere(const Catalog& catalog, const EntryInfo& e) {
  std::string out;
  const auto own = plain_names(e);
  for (const EntryInfo& other : catalog.entries()) {
    const auto names = plain_names(other);
    const bool shares = std::any_of(names.begin(), names.end(), [&](const auto& name) { return own.contains(name); });
    if (shares && other.kind == e.kind && other.id != e.id)
      out += "  elsewhere     " + other.id + ": " + other.summary + "\n";
  }
  return out;
}

/// Whatever has this name: entries of any kind, all that a plugin offers, a path, a key of configs, or a model.
void show_name(Host& host, const std::string& name, const Arguments& arguments) {
  const Catalog catalog = host.catalog();
  const bool json = arguments.json;
  std::vector<const EntryInfo*> found;
  std::vector<std::string> known;
  for (const Kind kind : {Kind::scheduler, Kind::sampler, Kind::loader, Kind::pipeline})
    for (const EntryInfo* e : catalog.find(kind, name)) found.push_back(e);
  for (const auto& e : catalog.entries()) {
    if (e.plugin == name && std::find(found.begin(), found.end(), &e) == found.end()) found.push_back(&e);
    known.push_back(e.id), known.push_back(e.plugin);
    known.insert(known.end(), e.aliases.begin(), e.aliases.end());
  }
  if (found.empty()) fail_if_refused(catalog, name);
  if (found.empty() && is_there(name)) return show_path(host, name, arguments);
  const std::vector<Key> keys = keys_of(catalog);
  if (const Key* key = found.empty() ? find_key(keys, name) : nullptr)
    return json ? print_json(to_json(key->info)) : print("key of configs\n" + to_text(key->info));
  if (found.empty()) {
    try {
      host.find_model(name, arguments.overrides);
    } catch (const Error& e) {
      if (e.code() != ErrorCode::no_input) throw;
      throw Error(e.code(), "show: " + unknown_entry(name, catalog, known, e.what()) + e.what());
    }
    return show_model(host, name, arguments);
  }
  for (const EntryInfo* e : found) json ? print_json(to_json(*e)) : print(to_text(*e) + elsewhere(catalog, *e));
}

}  // namespace

int show_command(const Arguments& arguments) {
  if (arguments.names.empty())
    throw Error(ErrorCode::usage,
                "show: want the name of a scheduler, sampler, plugin or model, or the path of a model or image");
  Host host(host_options(arguments));
  for (const auto& name : arguments.names) {
    if (is_path(name))
      show_path(host, name, arguments);
    else
      show_name(host, name, arguments);
  }
  return 0;
}

}  // namespace calotype::cli
