#include "config/config_schema.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "base/parse_number.h"
#include "config/config_keys.h"
#include "config/declared_keys.h"
#include "registry/entry_names.h"
#include "schedule/restart.h"
#include "yaml/read_value.h"

namespace calotype {
namespace {

using Type = SettingInfo::Type;
using Names = std::vector<std::string>;

Json reference(const std::string& definition) {
  return {{"$ref", "#/definitions/" + definition}};
}

/// A list of choices that may be empty: then nothing will do.
Json any_of(Json schemas) {
  return schemas.empty() ? Json(false) : Json{{"anyOf", std::move(schemas)}};
}

Json if_object(Json object, Json otherwise) {
  return {{"if", {{"type", "object"}}}, {"then", std::move(object)}, {"else", std::move(otherwise)}};
}

/// As a choice may be written: the text, and what YAML makes of it without quotes.
Json choices(const Names& names) {
  Json out = Json::array();
  for (const auto& name : names) {
    out.push_back(name);
    if (name == "true" || name == "false") out.push_back(name == "true");
    if (const auto number = parse_number(name)) out.push_back(exact(*number));
  }
  return out;
}

void limit(Json& schema, const SettingInfo& info) {
  if (std::isfinite(info.min)) schema["minimum"] = exact(info.min);
  if (std::isfinite(info.max)) schema["maximum"] = exact(info.max);
}

Json items(const SettingInfo& info) {
  Json item{{"type", info.choices.empty() ? "number" : "integer"}};
  limit(item, info);
  return item;
}

Json value_schema(const SettingInfo& info) {
  Json out;
  if (!info.doc.empty()) out["description"] = info.doc + (info.unit.empty() ? "" : " [" + info.unit + "]");
  switch (info.type) {
    case Type::boolean:
      out["type"] = "boolean";
      break;
    case Type::integer:
      out["type"] = "integer", limit(out, info);
      break;
    case Type::number:
      out["type"] = "number", limit(out, info);
      break;
    case Type::text:
      out["type"] = {"string", "number", "boolean"};  // without quotes it may look like these; null it may not be
      break;
    case Type::choice:
      out["enum"] = choices(info.choices);
      break;
    case Type::numbers:
      out["type"] = "array", out["items"] = items(info);
      break;
  }
  if (const auto* number = std::get_if<double>(&info.default_value))
    out["default"] = exact(*number);
  else if (!std::holds_alternative<std::monostate>(info.default_value))
    out["default"] = to_json(info.default_value);
  return out;
}

Json setting_schema(SettingInfo info) {
  if (info.type == Type::integer)
    info.min = std::max(info.min, -kLargestExact), info.max = std::min(info.max, kLargestExact);
  return value_schema(info);
}

/// Of an older name of a setting. An editor strikes it out.
Json older(const SettingInfo& info) {
  Json out = setting_schema(info);
  const std::string text = "older name; write \"" + info.name + "\"";
  out["description"] = text;
  out["deprecationMessage"] = text;
  return out;
}

Json key_schema(const Key& key) {
  Json out = value_schema(key.info);
  if (key.multiple_of > 1) out["multipleOf"] = key.multiple_of;
  if (const size_t count = key.info.choices.size(); key.info.type == Type::numbers && count > 0)
    out["minItems"] = count, out["maxItems"] = count;
  if (key.is_name) out["minLength"] = 1;
  if (!key.pattern.empty()) out["type"] = "string", out["pattern"] = key.pattern;
  if (!key.is_list) return out;
  Json one = out;
  one.erase("description");
  return {{"description", key.info.doc}, {"anyOf", {one, {{"type", "array"}, {"items", one}}}}};
}

class SchemaWriter {
 public:
  explicit SchemaWriter(const Catalog& catalog) : catalog_(catalog), keys_(keys_of(catalog)) {}

  Json write() {
    Json properties;
    for (const auto& name : top_level_names(keys_)) properties[name] = top_level(name);
    Json out{{"$schema", "http://json-schema.org/draft-07/schema#"},
             {"title", "a config of Calotype"},
             {"type", "object"},
             {"properties", properties},
             {"required", {"model", "prompt"}},
             {"additionalProperties", false}};
    for (const auto& key : keys_)
      if (!key.wants.empty() && section_of(key.info.name).empty())
        out["dependencies"][key.info.name] = Json::array({key.wants});
    define_entries();
    out["definitions"] = definitions_;
    return out;
  }

 private:
  Json top_level(const std::string& name) {
    if (name == "restart") return restart();
    if (const Key* key = find_key(keys_, name)) return key_schema(*key);
    for (const Kind kind : {Kind::pipeline, Kind::scheduler, Kind::sampler})
      if (name == name_of(kind)) return chosen(kind);
    if (name == "model") return model("model.path");
    Json section{{"type", "object"}, {"properties", own_properties(name)}, {"additionalProperties", false}};
    if (name == "refiner") {
      section["properties"]["model"] = model("refiner.model");
      section["required"] = {"model"};
    }
    if (name == "plugins") section["required"] = {"path"};
    const Key* shorthand = shorthand_of(name);
    return shorthand ? if_object(section, key_schema(*shorthand)) : section;
  }

  /// The keys of a section that are the host's own.
  Json own_properties(const std::string& section) const {
    Json out = Json::object();
    for (const auto& name : names_in(keys_, section)) out[name] = key_schema(*find_key(keys_, section + "." + name));
    return out;
  }

  /// A preset, a restart interval or a list of them.
  static Json restart() {
    const Json sigma{{"type", "number"}, {"minimum", kLeastRestartSigma}, {"maximum", kMostRestartSigma}};
    const Json count{{"type", "integer"}, {"minimum", 1}, {"maximum", kMostRestartSteps}};
    const Json interval{
        {"type", "object"},
        {"properties", {{"sigma_min", sigma}, {"sigma_max", sigma}, {"steps", count}, {"times", count}}},
        {"required", {"sigma_min", "sigma_max", "steps"}},
        {"additionalProperties", false}};
    const Key& key = *find_key("restart");
    return {
        {"description", key.info.doc},
        {"anyOf",
         {{{"enum", choices(key.info.choices)}}, interval, {{"type", "array"}, {"minItems", 1}, {"items", interval}}}}};
  }

  /// An id, or a map of an id and the settings of its entry; without an id, the settings of any entry.
  Json chosen(Kind kind) const {
    const std::string name(name_of(kind));
    const SettingInfo& id = find_key(name + ".id")->info;
    Json out{{"description", id.doc}};
    if (const auto* text = std::get_if<std::string>(&id.default_value)) out["default"] = *text;
    out.update(if_object(by_name(kind, "id"), reference(name)));
    return out;
  }

  /// A path, or a map of a path and the settings of a loader.
  Json model(const std::string& key) const {
    Json object = by_name(Kind::loader, "loader");
    object["required"] = {"path"};
    Json out{{"description", find_key(key)->info.doc}};
    out.update(if_object(object, key_schema(*find_key("model.path"))));
    return out;
  }

  /// The settings of the entry that the key `selector` of a map names; of any, where it names none.
  Json by_name(Kind kind, const std::string& selector) const {
    Json named = Json::array(), any = Json::array();
    for (const EntryInfo* e : catalog_.of(kind)) {
      if (all_names(*e).empty()) continue;
      Json rule;
      rule["if"]["properties"][selector]["enum"] = all_names(*e);
      rule["then"] = reference(definition(*e));
      named.push_back(rule);
      any.push_back(reference(definition(*e)));
    }
    Json out{{"properties", {{selector, reference(std::string(name_of(kind)))}}}};
    if (!named.empty()) out["allOf"] = named;
    return {{"if", {{"required", {selector}}}}, {"then", out}, {"else", any_of(any)}};
  }

  void define_entries() {
    for (const Kind kind : {Kind::pipeline, Kind::scheduler, Kind::sampler, Kind::loader}) {
      Json names = Json::array(), docs = Json::array();
      const auto add = [&](const EntryInfo& e, const Names& some) {
        for (const auto& name : some) names.push_back(name), docs.push_back(e.summary);
      };
      for (const EntryInfo* e : catalog_.of(kind)) add(*e, names_of(catalog_, *e));
      for (const EntryInfo* e : catalog_.of(kind)) add(*e, only_vendor_names(*e));
      definitions_[std::string(name_of(kind))] = {{"enum", names}, {"enumDescriptions", docs}};
      for (const EntryInfo* e : catalog_.of(kind))
        if (!all_names(*e).empty()) definitions_[definition(*e)] = entry(*e);
    }
  }

  Json entry(const EntryInfo& e) const {
    const std::string kind(name_of(e.kind));
    Json properties;
    if (e.kind == Kind::loader) properties = own_properties("model");
    properties[e.kind == Kind::loader ? "loader" : "id"] = reference(kind);
    for (const auto& s : e.settings) {
      properties[s.name] = setting_schema(s);
      for (const auto& old : s.formerly) properties[old] = older(s);
    }
    return {
        {"description", e.summary}, {"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  }

  Names only_vendor_names(const EntryInfo& e) const {
    Names out;
    const Names first = names_of(catalog_, e);
    for (const auto& name : vendor_names_of(catalog_, e))
      if (std::find(first.begin(), first.end(), name) == first.end()) out.push_back(name);
    return out;
  }

  Names all_names(const EntryInfo& e) const {
    Names out = names_of(catalog_, e);
    for (const auto& name : only_vendor_names(e)) out.push_back(name);
    return out;
  }

  /// What its definition is called: no character that a reference would have to escape.
  std::string definition(const EntryInfo& e) const {
    std::string out =
        std::string(name_of(e.kind)) + "." + (catalog_.find(e.kind, e.id).size() == 1 ? "" : e.vendor + ".") + e.id;
    for (char& c : out)
      if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-' && c != '@') c = '_';
    return out;
  }

  const Catalog& catalog_;
  const std::vector<Key> keys_;
  Json definitions_;
};

}  // namespace

Json config_schema(const Catalog& catalog) {
  return SchemaWriter(catalog).write();
}

}  // namespace calotype
