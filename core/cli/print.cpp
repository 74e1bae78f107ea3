#include "cli/print.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <sstream>

#include "base/utf8.h"
#include "cli/edge.h"
#include "config/config_keys.h"
#include "schedule/restart.h"

namespace calotype::cli {
namespace {

std::string count(double n) {
  char text[32];
  if (n >= 1e9)
    std::snprintf(text, sizeof text, "%.2f G", n / 1e9);
  else if (n >= 1e6)
    std::snprintf(text, sizeof text, "%.1f M", n / 1e6);
  else
    std::snprintf(text, sizeof text, "%.0f k", n / 1e3);
  return text;
}

/// "  name        text", nothing where there is no text.
std::string row(std::string name, const std::string& text) {
  if (text.empty()) return "";
  name.resize(std::max<size_t>(name.size() + 1, 14), ' ');
  return "  " + name + printable_line(text) + "\n";
}

/// "812 MiB", "20.1 GiB"
std::string bytes_text(uint64_t bytes) {
  char text[32];
  if (bytes >= uint64_t(10) << 30)
    std::snprintf(text, sizeof text, "%.1f GiB", double(bytes) / (1 << 30));
  else
    std::snprintf(text, sizeof text, "%.0f MiB", double(bytes) / (1 << 20));
  return text;
}

std::string memory_text(const MemoryPlan& m) {
  const std::string peak = m.predicted_peak_bytes ? "predicted peak " + bytes_text(m.predicted_peak_bytes) + ", " : "";
  return peak + "free " + bytes_text(m.free_bytes) + ", memory: " + m.memory +
         (m.tiled_decode ? ", vae_tiling: on" : "") + (m.quantize == "none" ? "" : ", quantize: " + m.quantize);
}

std::string settings_text(const Choice& c) {
  std::string out = c.entry.id;
  for (const auto& [name, value] : c.settings)
    if (!std::holds_alternative<std::monostate>(value)) out += " " + name + "=" + dump(to_json(value));
  return out;
}

std::string numbers(const std::vector<double>& values) {
  std::string out;
  for (double v : values) out += (out.empty() ? "" : " ") + to_text(v);
  return out;
}

}  // namespace

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& n : names) out += (out.empty() ? "" : ", ") + n;
  return out;
}

std::string size_text(uint64_t bytes) {
  return count(double(bytes)) + "B";
}

std::string one_line_text(const std::string& text) {
  return printable_line(text);
}

void print_json(const Json& json) {
  put_json(dump(json));
}

std::string range_of(const SettingInfo& s) {
  if (s.type == SettingInfo::Type::choice) return joined(s.choices);
  std::string out(s.is_path ? "path" : name_of(s.type));
  if (s.type == SettingInfo::Type::boolean || s.type == SettingInfo::Type::text) return out;
  const bool low = std::isfinite(s.min), high = std::isfinite(s.max);
  if (s.max == 0x1p63)
    out += " " + to_text(s.min) + " to " + std::to_string(INT64_MAX);
  else if (low && high)
    out += " " + to_text(s.min) + " to " + to_text(s.max);
  else if (low)
    out += " from " + to_text(s.min);
  else if (high)
    out += " up to " + to_text(s.max);
  return s.unit.empty() ? out : out + " " + s.unit;
}

std::string to_text(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", number);
  return text;
}

std::string calls_text(const EntryInfo& e) {
  const std::string more = e.calls_more == 0  ? ""
                           : e.calls_more < 0 ? ", less " + to_text(-e.calls_more)
                                              : ", and " + to_text(e.calls_more);
  return to_text(e.calls_a_step) + " a step" + more;
}

std::string to_text(const EntryInfo& e) {
  std::string out = std::string(name_of(e.kind)) + " " + one_line_text(e.id) + "\n";
  out += row("summary", e.summary) + row("aliases", joined(e.aliases)) + row("citation", e.citation) +
         row("origin", e.origin) + row("category", e.category) + row("best for", e.best_for) +
         row("pairs with", e.pairs_with) + row("noise", e.noise) +
         row("needs", e.needs_unconditional ? "the unconditional prediction"
                      : e.is_for_flow       ? "a flow model"
                                            : "") +
         row("restart", e.restart) +
         row("own steps", e.has_own_steps ? "yes: of the schedule it takes the first and the last sigma" : "");
  if (e.guidance_high > 0) out += row("guidance", to_text(e.guidance_low) + " to " + to_text(e.guidance_high));
  if (e.order > 0) out += row("order", to_text(e.order));
  if (e.calls_a_step > 0) out += row("evaluations", calls_text(e));
  if (e.steps_high) out += row("steps", std::to_string(e.steps_low) + " to " + std::to_string(e.steps_high));
  if (e.recommended) out += row("recommended", "yes");
  out += row("accepts", joined(e.accepts)) + row("threads", std::string(name_of(e.threads)));
  out += row("plugin", e.plugin + (e.version.empty() ? "" : " " + e.version) +
                           (e.vendor.empty() ? "" : " of " + e.vendor) + ", " + e.library);
  for (const auto& s : e.settings) out += to_text(s);
  return out;
}

std::string to_text(const SettingInfo& s) {
  const Json value = to_json(s)["default"];
  return row("setting", s.name + (value.is_null() ? "" : " = " + dump(value)) + "   (" + range_of(s) + ")") +
         row("", s.doc) + row("", s.since.empty() ? "" : "since " + s.since) +
         row("", s.formerly.empty() ? "" : "older name: " + joined(s.formerly));
}

std::string to_text(const Refusal& r) {
  std::string out = "refused: " + r.code + "\n  " + one_line_text(r.library) + "\n" +
                    row("what", one_line_text(r.what)) + row("want", one_line_text(r.needed)) +
                    row("got", one_line_text(r.found)) + row("fix", one_line_text(r.fix)) +
                    row("offers", one_line_text(joined(r.offers)));
  std::istringstream output(r.output);
  for (std::string line; std::getline(output, line);) out += row("output", one_line_text(line));
  return out;
}

std::string to_text(const ModelInfo& m) {
  std::string out = one_line_text(m.path) + "\n";
  out += row("family", m.family) + row("layout", m.layout) + row("loader", m.loader) + row("prediction", m.prediction) +
         (m.width ? row("trained at", std::to_string(m.width) + " x " + std::to_string(m.height)) : "");
  if (!m.training_sigmas.empty())
    out += row("sigmas", to_text(m.training_sigmas.front()) + " to " + to_text(m.training_sigmas.back()));
  for (const auto& p : m.parts)
    out += row(p.name, count(double(p.parameters)) + " parameters, " + p.dtype + ", " + count(double(p.bytes)) + "B");
  if (!m.usage.empty()) out += row("usage", m.usage);
  if (!m.missing.empty()) out += "  missing: " + one_line_text(joined(m.missing)) + "\n";
  return out + row("total", count(double(m.parameters())) + " parameters, " + size_text(m.file_bytes));
}

namespace {

/// Of all passes of an image.
std::vector<RestartSegment> restarts(const Plan& plan) {
  std::vector<RestartSegment> out;
  for (const auto& pass : plan.passes)
    for (const RestartSegment& s : restart_intervals_within(pass, plan.config.restart)) out.push_back(s);
  return out;
}

/// "25, and 18 of restarts"
std::string steps_text(const Plan& plan) {
  const std::string steps = std::to_string(plan.config.request.steps),
                    more = std::to_string(steps_of({"", restarts(plan)}));
  if (more == "0") return steps;
  return steps + ", " +
         (steps_within(plan.config.restart) ? more + " of them restarts" : "and " + more + " of restarts");
}

std::string restart_text(const RestartSegment& s) {
  return "from sigma " + to_text(s.sigma_min) + " to " + to_text(s.sigma_max) + " and back in " +
         std::to_string(s.steps) + (s.steps > 1 ? " steps" : " step") +
         (s.times > 1 ? ", " + std::to_string(s.times) + " times" : "");
}

std::string variation_row(const Request& r) {
  if (r.variation_strength == 0) return "";
  return row("variation", "to seed " + std::to_string(*r.variation_seed) + " by " + to_text(r.variation_strength));
}

}  // namespace

std::string to_text(const Plan& p) {
  const auto& c = p.config;
  const Request& r = c.request;
  std::string out = to_text(p.model);
  out += row("device", p.device + ", " + p.dtype) + row("pipeline", settings_text(c.pipeline)) +
         row("scheduler", settings_text(c.scheduler)) + row("sampler", settings_text(c.sampler)) +
         row("noise", chosen_name("noise", c));
  out += row("prompt", r.prompt) + (r.negative_prompt ? row("negative", *r.negative_prompt) : "");
  out += row("size", std::to_string(r.width) + " x " + std::to_string(r.height)) + row("steps", steps_text(p));
  for (const RestartSegment& s : restarts(p)) out += row("restart", restart_text(s));
  out += row("guidance", to_text(r.guidance_scale)) + row("seed", std::to_string(r.seed)) + variation_row(r) +
         row("images", std::to_string(r.images));
  out += row("evaluations",
             p.model_evaluations ? std::to_string(p.model_evaluations) + " an image" : "as many as it takes");
  out += row("sigmas", numbers(p.sigmas)) + row("timesteps", numbers(p.timesteps));
  if (c.sampler.entry.has_own_steps)
    out += row("", "of these " + c.sampler.entry.id + " takes the first and the last, and chooses those between");
  if (c.discard_next_to_last_sigma)
    out += row("", "the sigma before the last of " + std::to_string(r.steps + 1) + " steps is left out");
  for (size_t i = 1; i < p.passes.size(); ++i) out += row("then", numbers(p.passes[i]));
  out += row("memory", memory_text(p.memory));
  for (size_t i = 0; i < std::min<size_t>(p.outputs.size(), 100); ++i) out += row("output", p.outputs[i]);
  out += row("latents", p.latents);
  for (const auto& w : p.warnings) out += row("warning", w);
  return out;
}

}  // namespace calotype::cli
