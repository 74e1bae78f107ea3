#include "registry/manifest.h"

#include <calotype/abi.h>
#include <calotype/info.h>
#include <calotype/json.h>
#include <elf.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>
#include <tuple>

#include "base/file.h"
#include "registry/elf_library.h"
#include "registry/refusal.h"

namespace calotype {
namespace {

/// The descriptors of Calotype's notes in a segment.
std::vector<std::string> descriptors(const std::string& segment) {
  std::vector<std::string> out;
  const auto padded = [](size_t n) { return (n + 3) / 4 * 4; };
  for (size_t at = 0; at + sizeof(Elf64_Nhdr) <= segment.size();) {
    Elf64_Nhdr n{};
    std::memcpy(&n, segment.data() + at, sizeof n);
    const size_t name = at + sizeof n, text = name + padded(n.n_namesz), end = text + padded(n.n_descsz);
    if (end > segment.size() || end < at) break;
    if (n.n_type == CALOTYPE_NOTE_TYPE &&
        std::string_view(&segment[name], n.n_namesz) == std::string_view(CALOTYPE_NOTE_NAME, sizeof CALOTYPE_NOTE_NAME))
      out.push_back(segment.substr(text, n.n_descsz));
    at = end;
  }
  return out;
}

[[noreturn]] void incomplete(const std::string& found, const std::string& needed) {
  refuse("incomplete_note", "its manifest lacks what it must declare", found, needed, kRebuild);
}
[[noreturn]] void incomplete(const char* key) {
  incomplete("nothing fit for \"" + std::string(key) + "\"", "what the SDK writes there");
}

const JsonValue& at(const JsonValue& j, const char* key) {
  if (const JsonValue* found = j.find(key)) return *found;
  incomplete(key);
}

/// The text of a key; `fallback` if it is missing.
std::string text(const JsonValue& j, const char* key, std::string fallback = "") {
  const JsonValue* found = j.find(key);
  if (!found) return fallback;
  return found->as<std::string>() ? *found->as<std::string>() : (incomplete(key), "");
}
std::string wanted_text(const JsonValue& j, const char* key) {
  return at(j, key), text(j, key);
}

const JsonValue::List& list(const JsonValue& j, const char* key) {
  if (const auto* items = j.as<JsonValue::List>()) return *items;
  incomplete(key);
}

double number(const JsonValue& j, const char* key) {
  return j.is_number() ? j.number() : (incomplete(key), 0);
}

/// The list of two numbers of a key; zeros if it is missing.
std::pair<double, double> two_numbers(const JsonValue& j, const char* key) {
  const JsonValue* found = j.find(key);
  if (!found) return {};
  const auto& both = list(*found, key);
  if (both.size() != 2) incomplete(key);
  return {number(both[0], key), number(both[1], key)};
}

/// The training noise that a loader declares; none if the key is missing.
ScaledLinear scaled_linear(const JsonValue& j) {
  constexpr const char* kKey = "scaled_linear";
  const JsonValue* found = j.find(kKey);
  if (!found) return {};
  const auto& all = list(*found, kKey);
  if (all.size() != 3) incomplete(kKey);
  const double start = number(all[0], kKey), end = number(all[1], kKey), count = number(all[2], kKey);
  if (!(start > 0 && start <= end && end < 1 && count >= 1 && count <= 100'000)) incomplete(kKey);
  return {start, end, int(count)};
}

bool is_true(const JsonValue& j, const char* key) {
  const JsonValue* found = j.find(key);
  return found && found->as<bool>() && *found->as<bool>();
}

std::vector<std::string> texts(const JsonValue& j, const char* key) {
  std::vector<std::string> out;
  if (const JsonValue* found = j.find(key))
    for (const JsonValue& item : list(*found, key))
      out.push_back(item.as<std::string>() ? *item.as<std::string>() : (incomplete(key), ""));
  return out;
}

Value value_of(const JsonValue& v) {
  if (const auto* b = v.as<bool>()) return *b;
  if (v.is_number()) return v.number();
  if (const auto* s = v.as<std::string>()) return *s;
  if (!v.as<JsonValue::List>()) return {};
  std::vector<double> numbers;
  for (const JsonValue& item : list(v, "default")) numbers.push_back(number(item, "default"));
  return numbers;
}

/// Splits "a|b"; empty for an empty text.
std::vector<std::string> parts(const std::string& text) {
  std::vector<std::string> out;
  for (size_t at = 0; !text.empty() && at <= text.size();) {
    const size_t end = std::min(text.find('|', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

SettingInfo setting(const JsonValue& j) {
  constexpr std::string_view kTypes[] = {"boolean", "integer", "number", "text", "choice", "numbers"};
  SettingInfo s;
  s.name = wanted_text(j, "name");
  for (const auto& [key, needed] : {std::pair{"type", "one of boolean, integer, number, text, choice, numbers"},
                                    {"default", "a value of its type, or null where there is none"}})
    if (!j.find(key)) incomplete("no \"" + std::string(key) + "\" of the setting \"" + s.name + "\"", needed);
  s.doc = text(j, "doc");
  const auto type = std::find(std::begin(kTypes), std::end(kTypes), wanted_text(j, "type"));
  if (type == std::end(kTypes))
    refuse("unknown_setting_type", "setting \"" + s.name + "\" has an unknown type", '"' + wanted_text(j, "type") + '"',
           "boolean, integer, number, text, choice or numbers", "write one of these, or use a newer host");
  s.type = SettingInfo::Type(type - std::begin(kTypes));
  s.default_value = value_of(at(j, "default"));
  s.min = j.find("min") ? number(*j.find("min"), "min") : -kUnbounded;
  s.max = j.find("max") ? number(*j.find("max"), "max") : kUnbounded;
  s.is_path = j.find("path") != nullptr;
  s.choices = parts(text(j, "choices"));
  s.unit = text(j, "unit");
  s.since = text(j, "since");
  s.formerly = parts(text(j, "formerly"));
  s.after = text(j, "after");
  s.wants = text(j, "wants");
  s.expands_like = text(j, "expands_like");
  s.parts = parts(text(j, "parts"));
  s.is_optional = is_true(j, "optional");
  s.is_rare = is_true(j, "rare");
  if (const JsonValue* implied = j.find("implied")) s.implied = number(*implied, "implied");
  return s;
}

Threads threads(const JsonValue& j, Kind kind) {
  const bool is_function = kind == Kind::scheduler || kind == Kind::sampler;
  const std::string name =
      text(j, "threads", std::string(name_of(is_function ? Threads::reentrant : Threads::instance)));
  for (const Threads known : {Threads::reentrant, Threads::instance, Threads::main})
    if (name == name_of(known)) return known;
  incomplete("\"" + name + "\" for \"threads\"", "reentrant, instance or main");
}

EntryInfo entry(const JsonValue& j, const std::string& path) {
  constexpr std::string_view kKinds[] = {"", "scheduler", "sampler", "loader", "pipeline"};
  EntryInfo e;
  const auto kind = std::find(std::begin(kKinds) + 1, std::end(kKinds), wanted_text(j, "kind"));
  if (kind == std::end(kKinds))
    refuse("unknown_interface", "offers what this host does not know", '"' + wanted_text(j, "kind") + '"',
           "scheduler, sampler, loader or pipeline", "use a newer host");
  e.kind = Kind(kind - std::begin(kKinds));
  e.id = wanted_text(j, "id");
  e.label = text(j, "label");
  e.summary = text(j, "summary");
  e.citation = text(j, "citation");
  e.origin = text(j, "origin");
  e.category = text(j, "category");
  e.best_for = text(j, "best_for");
  e.pairs_with = text(j, "pairs_with");
  e.aliases = texts(j, "aliases");
  e.accepts = texts(j, "accepts");
  e.threads = threads(j, e.kind);
  const auto [lowest, highest] = two_numbers(j, "steps");
  if (!(std::abs(lowest) < 1e6 && std::abs(highest) < 1e6)) incomplete("steps");
  e.steps_low = int(lowest), e.steps_high = int(highest);
  e.noise = text(j, "noise");
  if (!e.noise.empty() && e.noise != "torch" && e.noise != "brownian" && e.noise != "philox")
    incomplete("noise \"" + e.noise + "\"", "torch, brownian or philox");
  for (const std::string& need : texts(j, "needs")) {
    if (need != "unconditional" && need != "flow")
      refuse("sdk_required", "needs what this host does not give", '"' + need + '"', "unconditional or flow",
             "use a newer host");
    (need == "flow" ? e.is_for_flow : e.needs_unconditional) = true;
  }
  e.has_own_steps = is_true(j, "own_steps");
  e.is_by_hand = is_true(j, "by_hand");
  e.recommended = is_true(j, "recommended");
  e.restart = text(j, "restart");
  std::tie(e.guidance_low, e.guidance_high) = two_numbers(j, "guidance");
  if (const JsonValue* order = j.find("order")) e.order = number(*order, "order");
  std::tie(e.calls_a_step, e.calls_more) = two_numbers(j, "model_calls");
  e.usual_noise = scaled_linear(j);
  for (const auto& s : list(at(j, "settings"), "settings")) e.settings.push_back(setting(s));
  if (const JsonValue* request = j.find("request"))
    for (const auto& s : list(*request, "request")) e.request.push_back(setting(s));
  e.plugin = text(j, "plugin");
  if (e.plugin.empty()) e.plugin = std::filesystem::path(path).stem();
  e.vendor = text(j, "vendor");
  e.version = text(j, "version");
  e.library = path;
  return e;
}

std::string text_of(const JsonValue& v) {
  return v.as<std::string>() ? *v.as<std::string>() : v.dump();
}

struct BuildField {
  std::string_view name, code, meaning;
};
/// The fields of a build, the most informative first.
constexpr BuildField kBuildFields[] = {{"libtorch", "libtorch_version", "another libtorch"},
                                       {"libtorch_git", "libtorch_build", "other sources of libtorch"},
                                       {"sdk", "sdk_version", "another SDK"},
                                       {"cxx11_abi", "cxx_abi", "the other ABI of the C++ library"},
                                       {"compiler_abi", "compiler_abi", "another ABI of the compiler"},
                                       {"cplusplus", "cxx_standard", "another C++ standard"},
                                       {"tensor_impl_size", "tensor_size", "tensors of another size"}};

void check_field(const JsonValue* build, const std::string& name, const std::string& needed, std::string_view code,
                 std::string_view meaning) {
  const JsonValue* field = build ? build->find(name) : nullptr;
  const std::string found = field ? text_of(*field) : "nothing";
  if (found != needed)
    refuse(code, "built for " + std::string(meaning), name + " " + found, name + " " + needed,
           std::string(kRebuild) + " and libtorch");
}

/// Every field of a tier-2 library's build must equal the host's.
void check_build(const JsonValue& j) {
  static const std::map<std::string, std::string> host = host_build();
  const JsonValue* build = j.find("host");
  for (const auto& [name, code, meaning] : kBuildFields)
    if (const auto needed = host.find(std::string(name)); needed != host.end())
      check_field(build, needed->first, needed->second, code, meaning);
  for (const auto& [name, needed] : host) check_field(build, name, needed, "host_build", "another host");
}

/// The header and the JSON of a note whose sizes fit.
std::pair<calotype_note_header, std::string_view> split(std::string_view descriptor) {
  calotype_note_header h{};
  const auto misfit = [&](const std::string& found, const std::string& needed) {
    refuse("wrong_size", "its note has a wrong size", found, needed, kRebuild);
  };
  const std::string size = std::to_string(descriptor.size());
  if (descriptor.size() < sizeof h) misfit(size + " bytes", "at least " + std::to_string(sizeof h));
  std::memcpy(&h, descriptor.data(), sizeof h);
  if (h.magic != CALOTYPE_NOTE_MAGIC) {
    char magic[32];
    std::snprintf(magic, sizeof magic, "magic 0x%08x", h.magic);
    refuse("damaged_note", "its note is damaged", magic, "magic 0x4f4c4143", kRebuild);
  }
  if (h.header_size < sizeof h || h.header_size > descriptor.size() || h.json_size > descriptor.size() - h.header_size)
    misfit("a header of " + std::to_string(h.header_size) + " bytes and " + std::to_string(h.json_size) +
               " bytes of JSON in " + size,
           "a header of at least " + std::to_string(sizeof h) + ", and no more than there is");
  return {h, descriptor.substr(h.header_size, h.json_size)};
}

JsonValue parse_json(std::string_view text) {
  try {
    return JsonValue::parse(text);
  } catch (const std::bad_alloc&) {
    throw;  // not a fault of the library
  } catch (const JsonError& e) {
    if (!e.byte)
      incomplete("JSON that cannot be read: " + std::string(e.what()), "a JSON object, as the SDK writes it");
    const size_t at = std::min(e.byte ? *e.byte : text.size(), text.size()), start = at > 20 ? at - 20 : 0;
    std::string before(text.substr(start, at - start));
    for (char& c : before)
      if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
    incomplete("what is no JSON at byte " + std::to_string(at) + " of " + std::to_string(text.size()) + ", after `" +
                   before + "`",
               "a JSON object, as the SDK writes it");
  }
}

EntryInfo parse(const std::string& descriptor, const std::string& path) {
  const auto [h, json] = split(descriptor);
  if (h.abi > CALOTYPE_ABI)
    refuse("sdk_required", "needs a newer SDK", "interface " + std::to_string(h.abi),
           "at most " + std::to_string(CALOTYPE_ABI), "use a newer host, or build it against this host's SDK");
  if (h.tier != 1 && h.tier != 2)
    refuse("tier", "has a tier that this host does not know", "tier " + std::to_string(h.tier), "1 or 2",
           "use a newer host");
  const JsonValue j = parse_json(json);
  if (h.tier == 2) check_build(j);
  EntryInfo e = entry(j, path);
  e.tier = int(h.tier);
  if ((e.kind == Kind::loader || e.kind == Kind::pipeline) && h.tier != 2)
    refuse("tier", "has the wrong tier", "tier 1", "tier 2 for a " + std::string(name_of(e.kind)), kRebuild);
  return e;
}

/// "scheduler karras", for each manifest that has kind and id.
std::vector<std::string> offers_of(const std::vector<std::string>& notes) {
  std::vector<std::string> out;
  for (const auto& descriptor : notes) try {
      const JsonValue j = parse_json(split(descriptor).second);
      out.push_back(wanted_text(j, "kind") + " " + wanted_text(j, "id"));
    } catch (const Refused&) {
    }
  std::sort(out.begin(), out.end());  // notes are in the order in which the compiler wrote them
  return out;
}

/// Refuses a library that needs libtorch although none of its entries declares it: the host may have another libtorch,
/// or none.
void check_needed(const std::vector<EntryInfo>& entries, const std::vector<std::string>& needed) {
  if (std::any_of(entries.begin(), entries.end(), [](const EntryInfo& e) { return e.tier == 2; })) return;
  for (const auto& name : needed)
    if (name.starts_with("libtorch") || name.starts_with("libc10"))
      refuse("tier", "has the wrong tier", "tier 1, and a need of " + name, "no library of libtorch for tier 1",
             "link it without libtorch");
}

/// Anyone may have written what is in the working folder or below it.
void check_paths(const ElfLibrary& library) {
  const auto check = [](const std::string& path, const std::string& what) {
    if (path.starts_with('/') || path.starts_with("$ORIGIN") || path.starts_with("${ORIGIN}")) return;
    refuse("run_path", "loads libraries from the working folder", what,
           "whole paths, or $ORIGIN, which is the plugin's own folder",
           "link it with -Wl,-rpath,'$ORIGIN', or without a run path");
  };
  for (const auto& name : library.needed())
    if (name.find('/') != name.npos) check(name, "a need of \"" + name + "\"");
  for (const auto& all : library.run_paths())
    for (size_t begin = 0; begin <= all.size(); begin = std::min(all.find(':', begin), all.size()) + 1) {
      const std::string one = all.substr(begin, std::min(all.find(':', begin), all.size()) - begin);
      check(one, "the run path \"" + all + "\"");
    }
}

void check_duplicates(const std::vector<EntryInfo>& entries) {
  std::set<std::pair<Kind, std::string>> seen;
  for (const auto& e : entries)
    if (!seen.emplace(e.kind, e.id).second)
      refuse("duplicate_id", "offers one name twice", std::string(name_of(e.kind)) + " \"" + e.id + "\" twice",
             "each name once", "rename one of them, and rebuild it");
}

}  // namespace

std::vector<ManifestText> manifest_texts(const std::string& path) {
  std::vector<ManifestText> out;
  for (const auto& segment : ElfLibrary(path).notes())
    for (const auto& descriptor : descriptors(segment)) {
      const auto [h, json] = split(descriptor);
      out.push_back({h.tier, h.abi, std::string(json)});
    }
  return out;
}

LibraryManifests read_manifests(const std::string& path) {
  LibraryManifests out;
  std::vector<std::string> notes;
  const std::string stamp =
      stamp_of(path);  // taken before the file is read: a file that is replaced meanwhile is then not loaded
  try {
    const ElfLibrary library(path);
    for (const auto& segment : library.notes())
      for (auto& descriptor : descriptors(segment)) notes.push_back(std::move(descriptor));
    if (notes.empty())
      refuse("no_note", "no plugin of Calotype", "no note .note.calotype", "a library built with the Calotype SDK",
             "declare it with CALOTYPE_SCHEDULER_ENTRY or the macro of its kind, build it with calotype_add_plugin(), "
             "and keep the note when sections are removed");
    for (const auto& note : notes) out.entries.push_back(parse(note, path)), out.entries.back().stamp = stamp;
    library.check();
    check_needed(out.entries, library.needed());
    check_paths(library);
    check_duplicates(out.entries);
  } catch (const Refused& e) {
    out.entries.clear();
    out.refusal = e.refusal();
    out.refusal->library = path;
    out.refusal->offers = offers_of(notes);
  }
  return out;
}

}  // namespace calotype
