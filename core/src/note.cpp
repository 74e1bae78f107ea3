#include "note.h"

#include <calotype/abi.h>
#include <calotype/error.h>
#include <calotype/json.h>
#include <calotype/tensor.h>
#include <elf.h>

#include <cstring>
#include <filesystem>
#include <string>

#include "elf_notes.h"

namespace calotype {
namespace {

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

[[noreturn]] void incomplete() { throw Error(ErrorCode::refused, "its note does not say what it offers; rebuild it against this host's SDK"); }

const JsonValue& at(const JsonValue& j, const char* key) {
  if (const JsonValue* found = j.find(key)) return *found;
  incomplete();
}

/// The text of a key; `fallback` where it is absent.
std::string text(const JsonValue& j, const char* key, std::string fallback = "") {
  const JsonValue* found = j.find(key);
  if (!found) return fallback;
  return found->as<std::string>() ? *found->as<std::string>() : (incomplete(), "");
}
std::string wanted_text(const JsonValue& j, const char* key) { return at(j, key), text(j, key); }

const JsonValue::List& list(const JsonValue& j) {
  if (const auto* items = j.as<JsonValue::List>()) return *items;
  incomplete();
}

double number(const JsonValue& j) { return j.is_number() ? j.number() : (incomplete(), 0); }

std::vector<std::string> texts(const JsonValue& j, const char* key) {
  std::vector<std::string> out;
  if (const JsonValue* found = j.find(key))
    for (const JsonValue& item : list(*found)) out.push_back(item.as<std::string>() ? *item.as<std::string>() : (incomplete(), ""));
  return out;
}

Value value_of(const JsonValue& v) {
  if (const auto* b = v.as<bool>()) return *b;
  if (v.is_number()) return v.number();
  if (const auto* s = v.as<std::string>()) return *s;
  if (!v.as<JsonValue::List>()) return {};
  std::vector<double> numbers;
  for (const JsonValue& item : list(v)) numbers.push_back(number(item));
  return numbers;
}

SettingInfo setting(const JsonValue& j) {
  constexpr std::string_view kTypes[] = {"boolean", "integer", "number", "text", "choice", "numbers"};
  SettingInfo s;
  s.name = wanted_text(j, "name");
  s.doc = text(j, "doc");
  const auto type = std::find(std::begin(kTypes), std::end(kTypes), wanted_text(j, "type"));
  if (type == std::end(kTypes)) throw Error(ErrorCode::refused, "setting \"" + s.name + "\" has an unknown type; it needs a newer host");
  s.type = SettingInfo::Type(type - std::begin(kTypes));
  s.default_value = value_of(at(j, "default"));
  s.min = j.find("min") ? number(*j.find("min")) : -kUnbounded;
  s.max = j.find("max") ? number(*j.find("max")) : kUnbounded;
  s.is_path = j.find("path") != nullptr;
  const std::string choices = text(j, "choices");
  for (size_t at = 0; !choices.empty() && at <= choices.size();) {
    const size_t end = std::min(choices.find('|', at), choices.size());
    s.choices.push_back(choices.substr(at, end - at));
    at = end + 1;
  }
  return s;
}

EntryInfo entry(const JsonValue& j, const std::string& path) {
  constexpr std::string_view kKinds[] = {"", "scheduler", "sampler", "loader", "pipeline"};
  EntryInfo e;
  const auto kind = std::find(std::begin(kKinds) + 1, std::end(kKinds), wanted_text(j, "kind"));
  if (kind == std::end(kKinds)) throw Error(ErrorCode::refused, "offers a \"" + wanted_text(j, "kind") + "\", which this host does not know; it needs a newer host");
  e.kind = Kind(kind - std::begin(kKinds));
  e.id = wanted_text(j, "id");
  e.label = text(j, "label");
  e.summary = text(j, "summary");
  e.citation = text(j, "citation");
  e.category = text(j, "category");
  e.best_for = text(j, "best_for");
  e.pairs_with = text(j, "pairs_with");
  e.aliases = texts(j, "aliases");
  e.accepts = texts(j, "accepts");
  if (const JsonValue* steps = j.find("steps"))
    e.steps_low = int(number(list(*steps).at(0))), e.steps_high = int(number(list(*steps).at(1)));
  e.recommended = j.find("recommended") && j.find("recommended")->as<bool>() && *j.find("recommended")->as<bool>();
  for (const auto& s : list(at(j, "settings"))) e.settings.push_back(setting(s));
  e.plugin = text(j, "plugin");
  if (e.plugin.empty()) e.plugin = std::filesystem::path(path).stem();
  e.vendor = text(j, "vendor");
  e.version = text(j, "version");
  e.library = path;
  return e;
}

std::string text_of(const JsonValue& v) { return v.as<std::string>() ? *v.as<std::string>() : v.dump(); }

/// Every field that a tier-2 library was built for must equal the host's.
void check_build(const JsonValue& j) {
  const JsonValue* found = j.find("host");
  for (const auto& [name, needed] : host_build()) {
    const JsonValue* field = found ? found->find(name) : nullptr;
    const std::string built = field ? text_of(*field) : "nothing";
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
  const JsonValue j = JsonValue::parse(std::string_view(descriptor).substr(h.header_size, h.json_size));
  if (h.tier == 2) check_build(j);
  EntryInfo e = entry(j, path);
  e.tier = int(h.tier);
  if ((e.kind == Kind::loader || e.kind == Kind::pipeline) && h.tier != 2)
    throw Error(ErrorCode::refused, "tier: found 1, needed 2 for a " + std::string(name_of(e.kind)) + "; rebuild it against this host's SDK");
  return e;
}

}  // namespace

std::map<std::string, std::string> host_build() {
  const JsonValue j = JsonValue::parse("{\"x\":0" + std::string(std::string_view(note::kHost)) + "}");
  std::map<std::string, std::string> out;
  for (const auto& [key, value] : *at(j, "host").as<JsonValue::Object>()) out[key] = text_of(value);
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
  } catch (const std::bad_alloc&) {
    throw;  // says nothing of the library
  } catch (const std::exception&) {
    out.refusal = "its note does not say what it offers; rebuild it against this host's SDK";
  }
  if (!out.refusal.empty()) out.entries.clear();
  return out;
}

}  // namespace calotype
