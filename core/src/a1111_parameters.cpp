#include "a1111_parameters.h"

#include <calotype/version.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "parse_number.h"

namespace calotype {
namespace {

/// A1111 splits the last line at commas and colons: such values are written as JSON strings.
std::string quoted(const std::string& value) {
  return value.find_first_of(",:\n") == std::string::npos ? value : nlohmann::json(value).dump();
}

/// The preset, or each segment's sigma_min, sigma_max, steps and times.
std::string restart_text(const Restart& restart) {
  if (!restart.preset.empty()) return restart.preset;
  std::string out;
  for (const RestartSegment& s : restart.segments)
    out += (out.empty() ? "" : "; ") + format_short(s.sigma_min) + " " + format_short(s.sigma_max) + " " + std::to_string(s.steps) + " " + std::to_string(s.times);
  return out;
}

std::string label(const EntryInfo& entry) { return quoted(entry.label.empty() ? entry.id : entry.label); }

}  // namespace

std::string a1111_parameters(const ResolvedConfig& config, uint64_t seed) {
  const Request& r = config.request;
  std::string text = r.prompt + "\n";
  if (r.negative_prompt) text += "Negative prompt: " + *r.negative_prompt + "\n";
  text += "Steps: " + std::to_string(r.steps) + ", Sampler: " + label(config.sampler.entry) + ", Schedule type: " + label(config.scheduler.entry) +
          ", CFG scale: " + format_short(r.guidance_scale) + ", Seed: " + std::to_string(seed) + ", Size: " + std::to_string(r.width) + "x" +
          std::to_string(r.height) + ", Model: " + quoted(std::filesystem::path(config.model).stem().string());
  if (r.eta_noise_seed_delta) text += ", ENSD: " + std::to_string(r.eta_noise_seed_delta);
  if (!config.restart.segments.empty()) text += ", Restart: " + quoted(restart_text(config.restart));
  if (config.discard_next_to_last_sigma) text += ", Discard penultimate sigma: True";
  if (r.clip_skip) text += ", Clip skip: " + std::to_string(r.clip_skip + 2);  // A1111 counts from the last layer, which SDXL never reads
  if (r.guidance_rescale > 0) text += ", CFG Rescale: " + format_short(r.guidance_rescale);
  if (r.guidance_start > 0) text += ", Skip Early CFG: " + format_short(r.guidance_start);
  if (r.token_merging > 0) text += ", Token merging ratio: " + format_short(r.token_merging);
  if (r.hires_scale > 0) {
    const char* upscalers[] = {"Latent", "Latent (nearest-exact)", "Lanczos"};
    text += ", Denoising strength: " + format_short(r.hires_strength) + ", Hires upscale: " + format_short(r.hires_scale) +
            (r.hires_steps ? ", Hires steps: " + std::to_string(r.hires_steps) : "") + ", Hires upscaler: " + upscalers[size_t(r.hires_upscale)];
  } else if (r.image) {
    text += ", Denoising strength: " + format_short(r.strength);
  }
  if (!config.refiner.empty())
    text += ", Refiner: " + quoted(std::filesystem::path(config.refiner).stem().string()) + ", Refiner switch at: " +
            format_short(r.refiner_start_step ? double(r.refiner_start_step) / r.steps : r.refiner_start);
  return text + ", Version: calotype " CALOTYPE_VERSION;
}

}  // namespace calotype
