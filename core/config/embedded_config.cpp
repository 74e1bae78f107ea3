#include <calotype/host/resolved_config.h>
#include <calotype/json.h>

#include "config/config_keys.h"
#include "config/declared_keys.h"

namespace calotype {
namespace {

using Json = JsonValue;

Json to_json(const Value& value, SettingInfo::Type type) {
  if (const auto* b = std::get_if<bool>(&value)) return *b;
  if (const auto* d = std::get_if<double>(&value))
    return type == SettingInfo::Type::integer ? Json(int64_t(*d)) : Json(*d);
  if (const auto* s = std::get_if<std::string>(&value)) return *s;
  return std::get<Numbers>(value);
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
  Json out;
  out["id"] = choice.name;
  add_settings(out, choice);
  return out;
}

Json model_section(const std::string& path, const Choice& loader) {
  Json out;
  out["path"] = path;
  out["loader"] = loader.name;
  add_settings(out, loader);
  return out;
}

Json restart_json(const Restart& restart) {
  if (restart.segments.empty() || !restart.preset.empty()) return restart.preset.empty() ? "none" : restart.preset;
  JsonValue::List out;
  for (const RestartSegment& s : restart.segments) {
    Json one;
    one["sigma_min"] = s.sigma_min, one["sigma_max"] = s.sigma_max;
    one["steps"] = s.steps, one["times"] = s.times;
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

std::string ResolvedConfig::to_json() const {
  Json out;
  out["model"] = model_section(model, loader);
  out["pipeline"] = section(pipeline);
  out["scheduler"] = section(scheduler);
  out["sampler"] = section(sampler);
  if (!restart.segments.empty() || !restart.preset.empty() || !sampler.entry.restart.empty())
    out["restart"] = restart_json(restart);
  if (!refiner.empty()) out["refiner"]["model"] = model_section(refiner, refiner_loader);
  for (const Key& key : keys_of(*this)) {
    const std::string& name = key.info.name;
    if (!key.value || section_of(name) == "output" || !key.is_recorded(*this)) continue;
    const Json value = key.value(key.info, *this);
    if (value.is_null()) continue;
    if (const std::string in(section_of(name)); in.empty())
      out[name] = value;
    else
      out[in][name.substr(in.size() + 1)] = value;
  }
  return out.dump();
}

}  // namespace calotype
