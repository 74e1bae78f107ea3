#include "note.h"

#include <calotype/abi.h>
#include <calotype/error.h>
#include <calotype/tensor.h>
#include <elf.h>

#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "elf_notes.h"

namespace calotype {
namespace {
using nlohmann::json;

/// The descriptors of a segment's notes that are ours.
std::vector<std::string> descriptors(const std::string& segment) {
  std::vector<std::string> out;
  const auto padded = [](size_t n) { return (n + 3) / 4 * 4; };
  for (size_t at = 0; at + sizeof(Elf64_Nhdr) <= segment.size();) {
    Elf64_Nhdr n{};
    std::memcpy(&n, segment.data() + at, sizeof n);
    const size_t name = at + sizeof n, text = name + padded(n.n_namesz), end = text + padded(n.n_descsz);
    if (end > segment.size() || end < at) break;
    if (n.n_type == CALOTYPE_NOTE_TYPE && std::string_view(&segment[name], n.n_namesz) == std::string_view(CALOTYPE_NOTE_NAME, sizeof CALOTYPE_NOTE_NAME))
      out.push_back(segment.substr(text, n.n_descsz));
    at = end;
  }
  return out;
}

Value value_of(const json& v) {
  if (v.is_boolean()) return v.get<bool>();
  if (v.is_number()) return v.get<double>();
  if (v.is_string()) return v.get<std::string>();
  if (v.is_array()) return v.get<std::vector<double>>();
  return {};
}

SettingInfo setting(const json& j) {
  constexpr std::string_view kTypes[] = {"boolean", "integer", "number", "text", "choice", "numbers"};
  SettingInfo s;
  s.name = j.at("name");
  s.doc = j.value("doc", "");
  const auto type = std::find(std::begin(kTypes), std::end(kTypes), j.at("type").get<std::string>());
  if (type == std::end(kTypes)) throw Error(ErrorCode::refused, "setting \"" + s.name + "\" has an unknown type; it needs a newer host");
  s.type = SettingInfo::Type(type - std::begin(kTypes));
  s.default_value = value_of(j.at("default"));
  s.min = j.value("min", -kUnbounded);
  s.max = j.value("max", kUnbounded);
  const std::string choices = j.value("choices", "");
  for (size_t at = 0; !choices.empty() && at <= choices.size();) {
    const size_t end = std::min(choices.find('|', at), choices.size());
    s.choices.push_back(choices.substr(at, end - at));
    at = end + 1;
  }
  return s;
}

EntryInfo entry(const json& j, const std::string& path) {
  constexpr std::string_view kKinds[] = {"", "scheduler", "sampler", "loader", "pipeline"};
  EntryInfo e;
  const auto kind = std::find(std::begin(kKinds) + 1, std::end(kKinds), j.at("kind").get<std::string>());
  if (kind == std::end(kKinds)) throw Error(ErrorCode::refused, "offers a \"" + j.at("kind").get<std::string>() + "\", which this host does not know; it needs a newer host");
  e.kind = Kind(kind - std::begin(kKinds));
  e.id = j.at("id");
  e.label = j.value("label", "");
  e.summary = j.value("summary", "");
  e.citation = j.value("citation", "");
  e.category = j.value("category", "");
  e.best_for = j.value("best_for", "");
  e.pairs_with = j.value("pairs_with", "");
  e.aliases = j.value("aliases", std::vector<std::string>{});
  e.accepts = j.value("accepts", std::vector<std::string>{});
  if (j.contains("steps")) e.steps_low = j["steps"].at(0), e.steps_high = j["steps"].at(1);
  e.recommended = j.value("recommended", false);
  for (const auto& s : j.at("settings")) e.settings.push_back(setting(s));
  e.plugin = j.value("plugin", "");
  if (e.plugin.empty()) e.plugin = std::filesystem::path(path).stem();
  e.vendor = j.value("vendor", "");
  e.version = j.value("version", "");
  e.library = path;
  return e;
}

std::string text_of(const json& v) { return v.is_string() ? v.get<std::string>() : v.dump(); }

/// Every field that a tier-2 library was built for must equal the host's.
void check_build(const json& j) {
  const json found = j.value("host", json::object());
  for (const auto& [name, needed] : host_build()) {
    const std::string built = found.contains(name) ? text_of(found[name]) : "nothing";
    if (built != needed)
      throw Error(ErrorCode::refused, name + ": found " + built + ", needed " + needed + "; rebuild it against this host's SDK and libtorch");
  }
}

EntryInfo parse(const std::string& descriptor, const std::string& path) {
  calotype_note_header h{};
  if (descriptor.size() < sizeof h) throw Error(ErrorCode::refused, "its note is cut short; rebuild it against this host's SDK");
  std::memcpy(&h, descriptor.data(), sizeof h);
  if (h.magic != CALOTYPE_NOTE_MAGIC || h.header_size < sizeof h || h.header_size > descriptor.size() || h.json_size > descriptor.size() - h.header_size)
    throw Error(ErrorCode::refused, "its note is damaged; rebuild it against this host's SDK");
  if (h.abi > CALOTYPE_ABI)
    throw Error(ErrorCode::refused, "interface: found version " + std::to_string(h.abi) + ", needed at most " + std::to_string(CALOTYPE_ABI) + "; use a newer host, or build it against this host's SDK");
  if (h.tier != 1 && h.tier != 2) throw Error(ErrorCode::refused, "tier: found " + std::to_string(h.tier) + ", needed 1 or 2; use a newer host");
  const json j = json::parse(descriptor.begin() + h.header_size, descriptor.begin() + h.header_size + h.json_size);
  if (h.tier == 2) check_build(j);
  EntryInfo e = entry(j, path);
  e.tier = int(h.tier);
  if ((e.kind == Kind::loader || e.kind == Kind::pipeline) && h.tier != 2)
    throw Error(ErrorCode::refused, "tier: found 1, needed 2 for a " + std::string(name_of(e.kind)) + "; rebuild it against this host's SDK");
  return e;
}

}  // namespace

std::map<std::string, std::string> host_build() {
  const json j = json::parse("{\"x\":0" + std::string(std::string_view(note::kHost)) + "}");
  std::map<std::string, std::string> out;
  for (const auto& [key, value] : j["host"].items()) out[key] = text_of(value);
  return out;
}

LibraryNotes read_notes(const std::string& path) {
  LibraryNotes out;
  try {
    for (const auto& segment : note_segments(path))
      for (const auto& descriptor : descriptors(segment)) out.entries.push_back(parse(descriptor, path));
    if (out.entries.empty()) throw Error(ErrorCode::refused, "no .note.calotype in it; needed: a plugin built with the Calotype SDK");
  } catch (const Error& e) {
    out.refusal = e.what();
  } catch (const std::exception&) {
    out.refusal = "its note does not say what it offers; rebuild it against this host's SDK";
  }
  if (!out.refusal.empty()) out.entries.clear();
  return out;
}

}  // namespace calotype
