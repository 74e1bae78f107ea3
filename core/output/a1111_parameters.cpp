#include "output/a1111_parameters.h"

#include <calotype/version.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "base/parse_number.h"

namespace calotype {
namespace {

/// A1111 splits the last line at commas and colons, so such values are written as JSON strings.
std::string quoted(const std::string& value) {
  return value.find_first_of(",:\n") == std::string::npos ? value : nlohmann::json(value).dump();
}

/// The preset, or sigma_min, sigma_max, steps and times of each restart interval.
std::string restart_text(const Restart& restart) {
  if (!restart.preset.empty()) return restart.preset;
  std::string out;
  for (const RestartSegment& s : restart.segments)
    out += (out.empty() ? "" : "; ") + format_short(s.sigma_min) + " " + format_short(s.sigma_max) + " " +
           std::to_string(s.steps) + " " + std::to_string(s.times);
  return out;
}

std::string label(const EntryInfo& entry) {
  return quoted(entry.label.empty() ? entry.id : entry.label);
}

std::string stem(const std::string& path) {
  return std::filesystem::path(path).stem().string();
}

/// Appends ", Name: value".
void add(std::string& text, const char* name, const std::string& value) {
  text += std::string(", ") + name + ": " + value;
}
void add(std::string& text, const char* name, double value) {
  add(text, name, format_short(value));
}
void add(std::string& text, const char* name, uint64_t value) {
  add(text, name, std::to_string(value));
}

/// The value of a number setting; nothing if there is no such setting, or it has no value.
std::optional<double> number(const Choice& choice, const char* name) {
  const auto found = choice.settings.find(name);
  const auto* value = found == choice.settings.end() ? nullptr : std::get_if<double>(&found->second);
  return value ? std::optional(*value) : std::nullopt;
}

/// A setting that is not at its default.
void add_unless(std::string& text, const char* name, std::optional<double> value, double usual) {
  if (value && *value != usual) add(text, name, *value);
}

/// A1111's samplers over timesteps: their latents start at unit variance, and their eta at 0.
bool passes_timesteps(const EntryInfo& sampler) {
  constexpr std::string_view kLabels[] = {"DDIM", "DDIM CFG++", "PLMS", "UniPC"};
  return std::find(std::begin(kLabels), std::end(kLabels), sampler.label) != std::end(kLabels);
}

void add_model(std::string& text, const ResolvedConfig& config, const ShortSums& sums) {
  if (!sums.model.empty()) add(text, "Model hash", sums.model);
  add(text, "Model", quoted(stem(config.model)));
  if (!sums.vae.empty()) add(text, "VAE hash", sums.vae);
  if (const std::string vae = vae_of(config); !vae.empty())
    add(text, "VAE", quoted(std::filesystem::path(vae).filename().string()));
}

/// Brownian noise has its own seeds, and without eta most samplers use no noise.
bool has_seed_delta(const ResolvedConfig& config) {
  return config.request.eta_noise_seed_delta > 0 && config.noise != NoiseKind::brownian &&
         number(config.sampler, "eta").value_or(1) > 0;
}

/// The number of a key that the loader or the pipeline declares; nothing where it is absent.
std::optional<double> option(const Request& request, std::string_view name) {
  const Value* found = request.options.find(name);
  const auto* number = found ? std::get_if<double>(found) : nullptr;
  return number ? std::optional(*number) : std::nullopt;
}

void add_hires(std::string& text, const Request& r, double scale) {
  add(text, "Hires upscale", scale);
  if (const auto steps = option(r, "hires.steps")) add(text, "Hires steps", uint64_t(*steps));
  const Value* how = r.options.find("hires.upscale");
  const auto* name = how ? std::get_if<std::string>(how) : nullptr;
  if (!name) return;
  add(text, "Hires upscaler",
      *name == "latent"           ? "Latent"
      : *name == "latent_nearest" ? "Latent (nearest-exact)"
                                  : "Lanczos");
}

void add_schedule(std::string& text, const Choice& scheduler) {
  if (const auto sigma_min = number(scheduler, "sigma_min")) add(text, "Schedule min sigma", *sigma_min);
  if (const auto sigma_max = number(scheduler, "sigma_max")) add(text, "Schedule max sigma", *sigma_max);
  for (const SettingInfo& setting : scheduler.entry.settings)
    if (const auto* usual = std::get_if<double>(&setting.default_value); usual && setting.name == "rho")
      add_unless(text, "Schedule rho", number(scheduler, "rho"), *usual);
  if (scheduler.entry.label != "Beta") return;
  add(text, "Beta schedule alpha", number(scheduler, "alpha").value_or(0));
  add(text, "Beta schedule beta", number(scheduler, "beta").value_or(0));
}

void add_sampler(std::string& text, const ResolvedConfig& config) {
  const Choice& sampler = config.sampler;
  const bool is_timesteps = passes_timesteps(sampler.entry);
  if (!config.request.image && config.request.initial_noise == InitialNoise::unit_variance && !is_timesteps)
    add(text, "SGM noise multiplier", "True");
  add_unless(text, is_timesteps ? "Eta DDIM" : "Eta", number(sampler, "eta"), is_timesteps ? 0 : 1);
  add_unless(text, "Sigma churn", number(sampler, "s_churn"), 0);
  add_unless(text, "Sigma tmin", number(sampler, "s_tmin"), 0);
  if (const auto tmax = number(sampler, "s_tmax")) add(text, "Sigma tmax", *tmax);
  add_unless(text, "Sigma noise", number(sampler, "s_noise"), 1);
}

void add_refiner(std::string& text, const ResolvedConfig& config, const std::string& sum) {
  const Request& r = config.request;
  if (r.refiner_start_step) add(text, "Refiner switch by sampling steps", "True");
  add(text, "Refiner", quoted(stem(config.refiner) + (sum.empty() ? "" : " [" + sum + "]")));
  add(text, "Refiner switch at", r.refiner_start_step ? double(r.refiner_start_step) / r.steps : r.refiner_start);
}

}  // namespace

std::string a1111_parameters(const ResolvedConfig& config, uint64_t seed, const ShortSums& sums) {
  const Request& r = config.request;
  std::string text = r.prompt + "\n";
  if (r.negative_prompt) text += "Negative prompt: " + *r.negative_prompt + "\n";
  text += "Steps: " + std::to_string(r.steps) + ", Sampler: " + label(config.sampler.entry) +
          ", Schedule type: " + label(config.scheduler.entry) + ", CFG scale: " + format_short(r.guidance_scale) +
          ", Seed: " + std::to_string(seed) + ", Size: " + std::to_string(r.width) + "x" + std::to_string(r.height);
  add_model(text, config, sums);
  if (r.variation_strength > 0)
    add(text, "Variation seed", *r.variation_seed), add(text, "Variation seed strength", r.variation_strength);
  const auto hires = option(r, "hires.scale");
  if (const auto strength = hires ? option(r, "hires.strength") : r.image ? option(r, "strength") : std::nullopt)
    add(text, "Denoising strength", *strength);
  if (const auto skipped = option(r, "clip_skip").value_or(0); skipped > 0)
    add(text, "Clip skip", uint64_t(skipped) + 2);  // A1111 counts from the last layer, which models never use
  if (has_seed_delta(config)) add(text, "ENSD", r.eta_noise_seed_delta);
  add_unless(text, "Token merging ratio", option(r, "token_merging"), 0);
  add(text, "RNG", config.noise == NoiseKind::philox ? "NV" : "CPU");
  if (hires) add_hires(text, r, *hires);
  if (config.discard_next_to_last_sigma) add(text, "Discard penultimate sigma", "True");
  add_schedule(text, config.scheduler);
  add_sampler(text, config);
  add_unless(text, "Skip Early CFG", r.guidance_start, 0);
  if (!config.refiner.empty()) add_refiner(text, config, sums.refiner);
  add_unless(text, "CFG Rescale", r.guidance_rescale, 0);
  if (!config.restart.segments.empty()) add(text, "Restart", quoted(restart_text(config.restart)));
  return text + ", Version: calotype " CALOTYPE_VERSION;
}

}  // namespace calotype
