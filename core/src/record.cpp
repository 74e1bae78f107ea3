#include <calotype/host/resolved_config.h>

#include <nlohmann/json.hpp>

#include "config_keys.h"

namespace calotype {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Value& value, SettingInfo::Type type) {
  if (const auto* b = std::get_if<bool>(&value)) return *b;
  if (const auto* d = std::get_if<double>(&value)) return type == SettingInfo::Type::integer ? Json(int64_t(*d)) : Json(*d);
  if (const auto* s = std::get_if<std::string>(&value)) return *s;
  return std::get<std::vector<double>>(value);
}

/// All settings that have a value; a number that is not given stays so.
void add_settings(Json& section, const Choice& choice) {
  for (const auto& setting : choice.entry.settings) {
    const auto found = choice.settings.find(setting.name);
    if (found == choice.settings.end() || std::holds_alternative<std::monostate>(found->second)) continue;
    section[setting.name] = to_json(found->second, setting.type);
  }
}

Json section(const Choice& choice) {
  Json out{{"id", choice.name}};
  add_settings(out, choice);
  return out;
}

/// The value of a key's target; null where the config is as good without it.
struct ToJson {
  const ResolvedConfig& config;
  const SettingInfo& info;

  Json operator()(std::monostate) const { return nullptr; }
  Json operator()(int Request::*member) const {
    const int value = config.request.*member;
    return value < info.min ? Json() : Json(value);  // width and height, until the model has said them
  }
  Json operator()(std::optional<std::string> Request::*member) const {
    const auto& text = config.request.*member;
    return text ? Json(*text) : Json();
  }
  Json operator()(std::optional<Size> Request::*member) const {
    const auto& size = config.request.*member;
    return size ? Json{size->height, size->width} : Json();
  }
  Json operator()(InitialNoise Request::*member) const { return info.choices[size_t(config.request.*member)]; }
  Json operator()(std::string ResolvedConfig::*member) const { return config.*member; }
  template <class T>
  Json operator()(T Request::*member) const {
    return config.request.*member;
  }
};

}  // namespace

std::string ResolvedConfig::to_json() const {
  Json out;
  out["model"] = {{"path", model}, {"loader", loader.name}};
  add_settings(out["model"], loader);
  out["pipeline"] = section(pipeline);
  out["scheduler"] = section(scheduler);
  out["sampler"] = section(sampler);
  for (const Key& key : config_keys()) {
    if (!section_of(key.info.name).empty()) continue;
    if (Json value = std::visit(ToJson{*this, key.info}, key.target); !value.is_null()) out[key.info.name] = value;
  }
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace calotype
