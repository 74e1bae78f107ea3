#include "output/to_json.h"

#include <calotype/host/encode.h>

#include <algorithm>
#include <cmath>

#include "base/error_boundary.h"
#include "schedule/restart.h"

namespace calotype {
namespace {

Json choice_json(const Choice& c) {
  Json out{{"id", c.entry.id}, {"plugin", c.entry.plugin}, {"library", c.entry.library}};
  for (const auto& [name, value] : c.settings) out["settings"][name] = to_json(value);
  return out;
}

/// Only the first of very many images.
std::vector<std::string> first(const std::vector<std::string>& paths) {
  constexpr size_t kMost = 100;
  return {paths.begin(), paths.begin() + std::ptrdiff_t(std::min(paths.size(), kMost))};
}

}  // namespace

std::string_view name_of(SettingInfo::Type type) {
  constexpr std::string_view kNames[] = {"boolean", "integer", "number", "text", "choice", "numbers"};
  return kNames[size_t(type)];
}

Json to_json(const Value& value) {
  return std::visit(
      [](const auto& v) -> Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::monostate>)
          return nullptr;
        else
          return v;
      },
      value);
}

Json exact(double number) {
  if (number >= 0x1p63) return INT64_MAX;
  if (number == std::floor(number) && std::abs(number) < 0x1p63) return int64_t(number);
  return number;
}

Json to_json(const SettingInfo& s) {
  Json out{{"name", s.name}, {"type", name_of(s.type)}, {"default", to_json(s.default_value)}, {"doc", s.doc}};
  if (const auto* number = std::get_if<double>(&s.default_value)) out["default"] = exact(*number);
  if (std::isfinite(s.min) && s.type != SettingInfo::Type::boolean) out["min"] = exact(s.min);
  if (std::isfinite(s.max) && s.type != SettingInfo::Type::boolean) out["max"] = exact(s.max);
  if (!s.choices.empty()) out["choices"] = s.choices;
  if (s.is_path) out["path"] = true;
  if (!s.unit.empty()) out["unit"] = s.unit;
  if (!s.since.empty()) out["since"] = s.since;
  if (!s.formerly.empty()) out["formerly"] = s.formerly;
  if (!s.wants.empty()) out["wants"] = s.wants;
  if (!s.parts.empty()) out["parts"] = s.parts;
  return out;
}

Json to_json(const EntryInfo& e) {
  Json out{{"kind", name_of(e.kind)},      {"id", e.id},
           {"aliases", e.aliases},         {"label", e.label},
           {"summary", e.summary},         {"citation", e.citation},
           {"category", e.category},       {"best_for", e.best_for},
           {"recommended", e.recommended}, {"pairs_with", e.pairs_with}};
  if (!e.origin.empty()) out["origin"] = e.origin;
  if (!e.noise.empty()) out["noise"] = e.noise;
  if (e.needs_unconditional || e.is_for_flow) out["needs"] = {e.is_for_flow ? "flow" : "unconditional"};
  if (e.has_own_steps) out["own_steps"] = true;
  if (e.is_by_hand) out["by_hand"] = true;
  if (!e.restart.empty()) out["restart"] = e.restart;
  if (e.guidance_high > 0) out["guidance"] = {exact(e.guidance_low), exact(e.guidance_high)};
  if (e.order > 0) out["order"] = exact(e.order);
  if (e.calls_a_step > 0) out["model_calls"] = {exact(e.calls_a_step), exact(e.calls_more)};
  if (e.steps_high) out["steps"] = {e.steps_low, e.steps_high};
  out["threads"] = name_of(e.threads);
  out["settings"] = Json::array();
  for (const auto& s : e.settings) out["settings"].push_back(to_json(s));
  if (!e.request.empty()) out["request"] = Json::array();
  for (const auto& s : e.request) out["request"].push_back(to_json(s));
  out["plugin"] = e.plugin;
  out["vendor"] = e.vendor;
  out["version"] = e.version;
  out["library"] = e.library;
  return out;
}

Json to_json(const Refusal& r) {
  Json out{{"library", r.library}, {"accepted", false}, {"code", r.code},       {"what", r.what},    {"found", r.found},
           {"needed", r.needed},   {"fix", r.fix},      {"reason", r.reason()}, {"offers", r.offers}};
  if (!r.output.empty()) out["output"] = r.output;
  return out;
}

Json to_json(const ModelInfo& m) {
  Json out{{"path", m.path},
           {"loader", m.loader},
           {"family", m.family},
           {"layout", m.layout},
           {"prediction", m.prediction},
           {"width", m.width},
           {"height", m.height},
           {"parameters", m.parameters()},
           {"bytes", m.file_bytes},
           {"complete", m.missing.empty()},
           {"missing", m.missing}};
  if (!m.usage.empty()) out["usage"] = m.usage;
  if (!m.training_sigmas.empty())
    out["sigma_min"] = m.training_sigmas.front(), out["sigma_max"] = m.training_sigmas.back();
  for (const auto& p : m.parts)
    out["components"].push_back(
        {{"name", p.name}, {"parameters", p.parameters}, {"dtype", p.dtype}, {"bytes", p.bytes}});
  return out;
}

Json to_json(const MemoryPlan& m) {
  return {{"memory", m.memory},
          {"vae_tiling", m.tiled_decode},
          {"quantize", m.quantize},
          {"predicted_peak_bytes", m.predicted_peak_bytes},
          {"free_bytes", m.free_bytes}};
}

Json to_json(const Plan& p) {
  const auto& c = p.config;
  Json restarts = Json::array();
  for (const auto& pass : p.passes) {
    Json of_pass = Json::array();
    for (const RestartSegment& s : restart_intervals_within(pass, c.restart))
      of_pass.push_back({{"sigma_min", exact(s.sigma_min)},
                         {"sigma_max", exact(s.sigma_max)},
                         {"steps", s.steps},
                         {"times", s.times}});
    restarts.push_back(std::move(of_pass));
  }
  return {{"config", Json::parse(c.to_json())},
          {"model", to_json(p.model)},
          {"device", p.device},
          {"dtype", p.dtype},
          {"loader", choice_json(c.loader)},
          {"pipeline", choice_json(c.pipeline)},
          {"scheduler", choice_json(c.scheduler)},
          {"sampler", choice_json(c.sampler)},
          {"walks", p.passes},
          {"restarts", restarts},
          {"sigmas", p.sigmas},
          {"timesteps", p.timesteps},
          {"model_calls", p.model_evaluations},
          {"memory", to_json(p.memory)},
          {"outputs", first(p.outputs)},
          {"warnings", p.warnings}};
}

Json to_json(const GeneratedImage& p, const std::string& device, const std::string& dtype) {
  Json out{{"path", p.path},         {"index", p.index},         {"seed", p.seed},
           {"width", p.image.width}, {"height", p.image.height}, {"config", Json::parse(p.record)}};
  out["device"] = device;
  out["dtype"] = dtype;
  out["fallbacks"] = p.fallbacks;
  return out;
}

Json to_json(const Statistics& s) {
  Json out{{"total_seconds", s.total_seconds},           {"models_loaded", s.models_loaded},
           {"model_calls", s.model_evaluations},         {"process_start_bytes", s.process_start_bytes},
           {"process_peak_bytes", s.process_peak_bytes}, {"device_peak_bytes", s.device_peak_bytes}};
  for (size_t i = 0; i < kPhaseNames.size(); ++i) out["seconds"][std::string(kPhaseNames[i])] = s.seconds[i];
  return out;
}

std::string statistics_json(const Statistics& statistics) {
  return at_border("", [&] { return dump(to_json(statistics)); });
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace calotype
