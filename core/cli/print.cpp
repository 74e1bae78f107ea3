#include "print.h"

#include <cmath>
#include <cstdint>
#include <cstdio>

namespace calotype::cli {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& n : names) out += (out.empty() ? "" : ", ") + n;
  return out;
}

std::string_view type_name(SettingInfo::Type type) {
  constexpr std::string_view kNames[] = {"boolean", "integer", "number", "text", "choice", "numbers"};
  return kNames[size_t(type)];
}

std::string count(double n) {
  char text[32];
  if (n >= 1e9) std::snprintf(text, sizeof text, "%.2f G", n / 1e9);
  else if (n >= 1e6) std::snprintf(text, sizeof text, "%.1f M", n / 1e6);
  else std::snprintf(text, sizeof text, "%.0f k", n / 1e3);
  return text;
}

/// "  name        text", nothing where there is no text.
std::string row(std::string name, const std::string& text) {
  if (text.empty()) return "";
  name.resize(std::max<size_t>(name.size() + 1, 14), ' ');
  return "  " + name + text + "\n";
}

std::string settings_text(const Choice& c) {
  std::string out = c.entry.id;
  for (const auto& [name, value] : c.settings)
    if (!std::holds_alternative<std::monostate>(value)) out += " " + name + "=" + to_json(value).dump();
  return out;
}

std::string numbers(const std::vector<double>& values) {
  std::string out;
  for (double v : values) out += (out.empty() ? "" : " ") + to_text(v);
  return out;
}

Json choice_json(const Choice& c) {
  Json out{{"id", c.entry.id}, {"plugin", c.entry.plugin}, {"library", c.entry.library}};
  for (const auto& [name, value] : c.settings) out["settings"][name] = to_json(value);
  return out;
}

}  // namespace

std::string range_of(const SettingInfo& s) {
  if (s.type == SettingInfo::Type::choice) return joined(s.choices);
  std::string out(type_name(s.type));
  if (s.type == SettingInfo::Type::boolean || s.type == SettingInfo::Type::text) return out;
  const bool low = std::isfinite(s.min), high = std::isfinite(s.max);
  if (s.max == 0x1p63) out += " " + to_text(s.min) + " to " + std::to_string(INT64_MAX);
  else if (low && high) out += " " + to_text(s.min) + " to " + to_text(s.max);
  else if (low) out += " from " + to_text(s.min);
  else if (high) out += " up to " + to_text(s.max);
  return out;
}

std::string to_text(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", number);
  return text;
}

Json to_json(const Value& value) {
  return std::visit(
      [](const auto& v) -> Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::monostate>) return nullptr;
        else return v;
      },
      value);
}

Json to_json(const EntryInfo& e) {
  Json out{{"kind", name_of(e.kind)}, {"id", e.id}, {"aliases", e.aliases}, {"label", e.label}, {"summary", e.summary}, {"citation", e.citation},
           {"category", e.category}, {"best_for", e.best_for}, {"recommended", e.recommended}, {"pairs_with", e.pairs_with}};
  if (e.steps_high) out["steps"] = {e.steps_low, e.steps_high};
  out["settings"] = Json::array();
  for (const auto& s : e.settings) {
    Json j{{"name", s.name}, {"type", type_name(s.type)}, {"default", to_json(s.default_value)}, {"doc", s.doc}};
    if (std::isfinite(s.min) && s.type != SettingInfo::Type::boolean) j["min"] = s.min;
    if (std::isfinite(s.max) && s.type != SettingInfo::Type::boolean) j["max"] = s.max;
    if (!s.choices.empty()) j["choices"] = s.choices;
    out["settings"].push_back(j);
  }
  out["plugin"] = e.plugin;
  out["vendor"] = e.vendor;
  out["version"] = e.version;
  out["library"] = e.library;
  return out;
}

Json to_json(const ModelInfo& m) {
  Json out{{"path", m.path}, {"loader", m.loader}, {"family", m.family}, {"layout", m.layout}, {"prediction", m.prediction},
           {"width", m.width}, {"height", m.height}, {"parameters", m.parameters()}, {"bytes", m.bytes()}};
  if (!m.noise_levels.empty()) out["sigma_min"] = m.noise_levels.front(), out["sigma_max"] = m.noise_levels.back();
  for (const auto& p : m.parts) out["components"].push_back({{"name", p.name}, {"parameters", p.parameters}, {"dtype", p.dtype}, {"bytes", p.bytes}});
  return out;
}

Json to_json(const Plan& p) {
  const auto& c = p.config;
  return {{"config", Json::parse(c.to_json())}, {"model", to_json(p.model)}, {"device", p.device}, {"dtype", p.dtype}, {"loader", choice_json(c.loader)},
          {"pipeline", choice_json(c.pipeline)}, {"scheduler", choice_json(c.scheduler)}, {"sampler", choice_json(c.sampler)},
          {"sigmas", p.sigmas}, {"timesteps", p.timesteps}, {"model_calls", p.model_calls}, {"outputs", p.outputs}, {"warnings", p.warnings}};
}

Json to_json(const Picture& p, const Result& r) {
  Json out{{"path", p.path}, {"index", p.index}, {"seed", p.seed}, {"width", p.image.width}, {"height", p.image.height}, {"config", Json::parse(p.record)}};
  out["device"] = r.device;
  out["dtype"] = r.dtype;
  return out;
}

std::string to_text(const EntryInfo& e) {
  std::string out = std::string(name_of(e.kind)) + " " + e.id + "\n";
  out += row("summary", e.summary) + row("aliases", joined(e.aliases)) + row("citation", e.citation) + row("category", e.category) +
         row("best for", e.best_for) + row("pairs with", e.pairs_with);
  if (e.steps_high) out += row("steps", std::to_string(e.steps_low) + " to " + std::to_string(e.steps_high));
  if (e.recommended) out += row("recommended", "yes");
  out += row("accepts", joined(e.accepts));
  out += row("plugin", e.plugin + (e.version.empty() ? "" : " " + e.version) + (e.vendor.empty() ? "" : " of " + e.vendor) + ", " + e.library);
  for (const auto& s : e.settings) {
    out += row("setting", s.name + " = " + to_json(s.default_value).dump() + "   (" + range_of(s) + ")");
    out += row("", s.doc);
  }
  return out;
}

std::string to_text(const ModelInfo& m) {
  std::string out = m.path + "\n";
  out += row("family", m.family) + row("layout", m.layout) + row("loader", m.loader) + row("prediction", m.prediction) +
         row("trained at", std::to_string(m.width) + " x " + std::to_string(m.height));
  if (!m.noise_levels.empty()) out += row("sigmas", to_text(m.noise_levels.front()) + " to " + to_text(m.noise_levels.back()));
  for (const auto& p : m.parts) out += row(p.name, count(double(p.parameters)) + " parameters, " + p.dtype + ", " + count(double(p.bytes)) + "B");
  return out + row("total", count(double(m.parameters())) + " parameters, " + count(double(m.bytes())) + "B");
}

std::string to_text(const Plan& p) {
  const auto& c = p.config;
  const Request& r = c.request;
  std::string out = to_text(p.model);
  out += row("device", p.device + ", " + p.dtype) + row("pipeline", settings_text(c.pipeline)) + row("scheduler", settings_text(c.scheduler)) +
         row("sampler", settings_text(c.sampler));
  out += row("prompt", r.prompt) + (r.negative_prompt ? row("negative", *r.negative_prompt) : "");
  out += row("size", std::to_string(r.width) + " x " + std::to_string(r.height)) + row("steps", std::to_string(r.steps));
  out += row("guidance", to_text(r.guidance_scale)) + row("seed", std::to_string(r.seed)) + row("images", std::to_string(r.images));
  out += row("model calls", p.model_calls ? std::to_string(p.model_calls) + " an image" : "as many as it takes");
  out += row("sigmas", numbers(p.sigmas)) + row("timesteps", numbers(p.timesteps));
  for (const auto& path : p.outputs) out += row("output", path);
  for (const auto& w : p.warnings) out += row("warning", w);
  return out;
}

}  // namespace calotype::cli
