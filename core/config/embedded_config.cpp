#include <calotype/host/resolved_config.h>
#include <calotype/json.h>

#include <algorithm>

#include "config/config_keys.h"

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

/// Whether the record says a key, of whose section or task there may be nothing.
bool is_used(const ResolvedConfig& config, std::string_view key) {
  const auto among = [&](std::initializer_list<std::string_view> keys) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  if (among({"strength", "resize"})) return !config.image.empty();
  if (among({"only_masked", "mask_padding", "mask_blur"})) return config.request.only_masked;
  if (key == "allow_tf32") return config.allow_tf32;
  if (key == "cuda_graphs") return config.request.cuda_graphs != CudaGraphs::automatic;
  if (key == "batch") return config.request.batch > 1;
  if (key == "guidance_start") return config.request.guidance_start > 0;
  if (key == "guidance_end") return config.request.guidance_end < 1;
  if (key == "deep_cache") return config.request.deep_cache > 1;
  if (key == "token_merging") return config.request.token_merging > 0;
  if (key == "aesthetic_score") return config.request.aesthetic_score != Request().aesthetic_score;
  if (key == "negative_aesthetic_score")
    return config.request.negative_aesthetic_score != Request().negative_aesthetic_score;
  if (key == "denoising_start") return config.request.denoising_start > 0;
  if (key == "denoising_end") return config.request.denoising_end < 1;
  if (key.starts_with("hires.")) return config.request.hires_scale > 0;
  if (key == "discard_next_to_last_sigma") return config.discard_next_to_last_sigma;
  if (key == "expand_prompts") return config.request.prompt_syntax != PromptSyntax::plain;
  if (key == "refiner.start") return !config.refiner.empty() && config.request.refiner_start_step == 0;
  if (among({"variation_seed", "variation_strength"})) return config.request.variation_strength > 0;
  if (key == "eta_noise_seed_delta") return config.request.eta_noise_seed_delta > 0;
  return true;
}

/// The value of a key's target; null where the config is as good without it.
struct ToJson {
  const ResolvedConfig& config;
  const SettingInfo& info;

  Json operator()(std::monostate) const { return nullptr; }
  Json operator()(int Request::* member) const {
    const int value = config.request.*member;
    return value < info.min ? Json() : Json(value);  // width and height, until the model has said them
  }
  Json operator()(std::optional<std::string> Request::* member) const {
    const auto& text = config.request.*member;
    return text ? Json(*text) : Json();
  }
  Json operator()(std::optional<uint64_t> Request::* member) const {
    const auto& number = config.request.*member;
    return number ? Json(*number) : Json();
  }
  Json operator()(std::optional<Size> Request::* member) const {
    const auto& size = config.request.*member;
    return size ? Json(std::vector<int>{size->height, size->width}) : Json();
  }
  Json operator()(InitialNoise Request::* member) const { return info.choices[size_t(config.request.*member)]; }
  Json operator()(std::optional<Resize> Request::* member) const {
    const auto& resize = config.request.*member;
    return resize ? Json(info.choices[size_t(*resize)]) : Json();
  }
  Json operator()(PromptSyntax Request::* member) const { return info.choices[size_t(config.request.*member)]; }
  Json operator()(Upscale Request::* member) const { return info.choices[size_t(config.request.*member)]; }
  Json operator()(CudaGraphs Request::* member) const { return info.choices[size_t(config.request.*member)]; }
  Json operator()(bool ResolvedConfig::* member) const { return config.*member; }
  Json operator()(std::string ResolvedConfig::* member) const {
    return (config.*member).empty() ? Json() : Json(config.*member);
  }
  template <class T>
  Json operator()(T Request::* member) const {
    return config.request.*member;
  }
};

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
  for (const Key& key : config_keys()) {
    const std::string& name = key.info.name;
    if (section_of(name) == "output" || !is_used(*this, name)) continue;
    const Json value = std::visit(ToJson{*this, key.info}, key.target);
    if (value.is_null()) continue;
    if (const std::string in(section_of(name)); in.empty())
      out[name] = value;
    else
      out[in][name.substr(in.size() + 1)] = value;
  }
  return out.dump();
}

}  // namespace calotype
